import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
import { yieldToTill } from './yield-to-till.ts'

let collect: ((options: { type: 'minor' | 'major' }) => void) | undefined
let calls = 0
/** What has grown old without being of use any more is looked for less often: that takes longer. */
const MAJOR_EVERY = 16

/**
 * Says that this process, or this thread, is Tillsafe's alone: it yields to others, and `giveBackMemory` may stop it for some milliseconds.
 * A till that embeds the engine does not say so.
 */
export function ownThisProcess(): void {
  if (isMainThread) {
    yieldToTill() // a thread may be one of a till: there, and outside Linux, all of it would yield
  }
  setFlagsFromString('--expose-gc')
  setFlagsFromString('--semi-space-growth-factor=1') // the room for what is young stays small; by itself it grows by 30 MB
  collect = runInNewContext('gc')
}

/** Frees what nobody uses any more: by itself, the engine of JavaScript lets 64 MB of buffers pile up. */
export function giveBackMemory(): void {
  calls += 1
  collect?.({ type: calls % MAJOR_EVERY === 0 ? 'major' : 'minor' })
}

/** The same before another process takes its share: what has grown old goes too. */
export function giveBackAllMemory(): void {
  collect?.({ type: 'major' })
}
