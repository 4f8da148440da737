import type { Heading, Id } from '../model/index.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { JobContext } from '../work/job-context.ts'

/** What stands in the place of the live data. */
export type SourceState = 'sound' | 'damaged' | 'missing'

/** A backup that waits beside the live data, checked and synced. Plain data: it is journaled. */
export interface Staged {
  readonly restore: Id
  /** SHA-256 of the database file that waits. */
  readonly sha256: string
  readonly bytes: number
  readonly withImages: boolean
}

/**
 * What the live data is expected to be when it is replaced: the bytes that the safety backup has (with the first 100
 * of them, base64), the content that its encrypted pages have (a keyed hash), or no database and these ruins of one, as
 * they were when that was decided.
 */
export type Expected =
  | { readonly kind: 'unchanged'; readonly sha256: string; readonly header: string }
  | { readonly kind: 'unchanged-content'; readonly hash: string }
  | { readonly kind: 'no-database'; readonly ruins: Ruin[] }

/** A file in the place of the database that is none, or beside it (`ending` is empty, `-wal` or `-journal`). */
export interface Ruin {
  readonly ending: string
  readonly bytes: number
  readonly modifiedMs: number
}

export interface TakeOptions {
  /**
   * A database that nobody has changed since it was last read need not be read again, and one in which nobody sells need not be
   * copied. For stores that keep only what is new; should one of them ask for bytes that were not read, and somebody has sold by
   * then, that is `source.busy`.
   */
  readonly mayStayInPlace?: boolean
  /** Whether a store that cuts at the borders of pages gets it: then the hashes of its pages are counted too. */
  readonly withPageMap?: boolean
}

/** The live data of a workspace. Taking never changes it and holds up no writer. */
export interface Source {
  state(job: JobContext): Promise<SourceState>
  take(heading: Omit<Heading, 'takenAt'>, job: JobContext, options?: TakeOptions): Promise<Snapshot>
  /** Throws `source.open` when a till has the live data open, as far as this can be known. */
  requireClosed(job: JobContext): Promise<void>
  /** What the swap must find after a safety backup: what that backup holds, and nothing that was sold since. */
  expectUnchanged(safetyBackup: Snapshot, job: JobContext): Promise<Expected>
  /** What stands in the place of a database that can't be saved: the swap replaces exactly that, and nothing newer. */
  expectRuins(): Promise<Expected>
  /** Writes a snapshot beside the live data, checks it, syncs it. Nothing live is touched. */
  stage(snapshot: Snapshot, restore: Id, job: JobContext): Promise<Staged>
  /**
   * Puts what is staged in the place of the live data. Can be cut anywhere and called again: it finishes. The
   * database changes in one step; what stood there is kept beside until `forget`.
   * Errors: `source.open`, `source.changed` (someone sold since): nothing was replaced.
   */
  swap(staged: Staged, expected: Expected, job: JobContext): Promise<void>
  /** Whether `swap` kept images that are not among these paths (`images/…`, in order): no backup has them. */
  keepsMoreImages(restore: Id, saved: () => AsyncIterable<string>): Promise<boolean>
  /** Removes what `stage` made, and what `swap` kept. */
  forget(restore: Id): Promise<void>
}
