import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Frees the buffers that nobody uses any more. The engine of JavaScript lets 64 MB of them pile up, since it does not
 * count them as its own. For processes of ours only: it is the whole process that stops for a millisecond.
 */
export function giveBackMemory(): void {
  collect({ type: 'minor' })
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void
