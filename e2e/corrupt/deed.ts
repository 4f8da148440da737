import { failureOf } from '@tillsafe/engine/model'
import type { DatabaseBytes } from './database-bytes.ts'

/** What came of one thing that was done with a damaged file. */
export interface Deed {
  /** `sound`, `damaged`, `restored` … or the code of the failure. */
  readonly outcome: string
  readonly ms: number
  /** What did not hold, as sentences. */
  readonly problems: readonly string[]
}

/** By what was done: `backed up`, `analysed` … */
export type Deeds = Readonly<Record<string, Deed>>

/** Where damaged variants of one database are tried. */
export interface MutantRig extends AsyncDisposable {
  try(mutant: DatabaseBytes, options: { withRestore: boolean }): Promise<Deeds>
}

/** A backup of a file, or a look into it, is over by then, well or not. A restore is many such steps. */
const TAKES_AT_MOST_MS = 5000

/** Does it, with its time. A failure that we understand is an outcome; any other is a problem. */
export async function watch(deed: () => Promise<Omit<Deed, 'ms'>>): Promise<Deed> {
  const began = performance.now()
  const { outcome, problems } = await deed().catch((error: unknown) => {
    const { code, message } = failureOf(error)
    return { outcome: code, problems: code === 'internal' ? [`not understood: ${message}`] : [] }
  })
  return { outcome, problems, ms: performance.now() - began }
}

export function withProblems(deed: Deed, more: readonly string[]): Deed {
  return { ...deed, problems: [...deed.problems, ...more] }
}

export function late({ ms }: Deed): string[] {
  return ms > TAKES_AT_MOST_MS ? [`it took ${Math.round(ms)} ms`] : []
}
