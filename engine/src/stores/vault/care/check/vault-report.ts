import type { HurtBackup } from '../name-snapshots.ts'

/** How much of the packs is read. A share is drawn by a seed; the parts 1 to `of` are together everything. */
export type VaultReading =
  | 'structure'
  | 'everything'
  | { readonly percent: number; readonly seed: string }
  | { readonly part: number; readonly of: number }

/** Something in a vault that is not as it was written. */
export interface VaultProblem {
  /** The key of the file that is damaged or missing. */
  readonly file: string
  readonly problem: string
  /** The backups that can't be given back whole because of it. */
  readonly hurts: readonly HurtBackup[]
}

/** What a check has found. */
export interface VaultReport {
  readonly problems: readonly VaultProblem[]
  /** What is harmless and worth knowing, as sentences. */
  readonly notes: readonly string[]
  readonly snapshots: number
  readonly packs: number
  readonly blobs: number
  /** Bytes of all packs. */
  readonly bytes: number
  readonly packsRead: number
  readonly bytesRead: number
}
