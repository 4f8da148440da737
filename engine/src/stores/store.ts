import type { Id, StoredBackup } from '../model/index.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { JobContext } from '../work/job-context.ts'

/** What listing met: a backup, or an object that should be one and can't be read. */
export type Listed =
  | { readonly kind: 'backup'; readonly backup: StoredBackup }
  | { readonly kind: 'foreign'; readonly key: string; readonly shop: string }
  | { readonly kind: 'unreadable'; readonly key: string; readonly problem: string }

/**
 * A way of keeping the backups of one workspace in a destination. What `save` has returned is stored whole, was read
 * back and compared, and lasts. A save that was cut leaves nothing that `list` shows.
 */
export interface Store {
  /** Writes the entries, awaits the snapshot's facts, writes the label last: the label makes the backup exist. */
  save(snapshot: Snapshot, job: JobContext): Promise<StoredBackup>
  list(): AsyncIterable<Listed>
  /** The backup as a snapshot. Its bytes are checked as they are read. Errors: `backup.unknown`, `backup.damaged`. */
  open(id: Id, job: JobContext): Promise<Snapshot>
  /** Reads every byte and compares it with the label; the sentences say what does not fit. */
  verify(id: Id, job: JobContext): Promise<readonly string[]>
  remove(ids: readonly Id[], job: JobContext): Promise<void>
  /** Removes what an interrupted save has left. Called when no other process of this shop runs. */
  sweep(): Promise<void>
}
