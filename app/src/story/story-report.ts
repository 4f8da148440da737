import type { Backup, Label } from '@tillsafe/engine/model'

/** What came of the demo. Durations in milliseconds. */
export interface StoryReport {
  readonly days: number
  readonly madeMs: number
  readonly backup: Backup
  readonly backupMs: number
  /** The longest commit of the till while nothing else happened, and while it was backed up. */
  readonly idleLongestMs: number
  readonly busyLongestMs: number
  readonly journalMode: string
  readonly soldLater: number
  readonly restoredMs: number
  readonly after: Label
  /** What is missing or different after the restore; empty when all is equal. */
  readonly differences: readonly string[]
}
