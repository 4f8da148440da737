export type CheckpointMode = 'PASSIVE' | 'FULL' | 'RESTART' | 'TRUNCATE'

export interface SellerOptions {
  readonly databaseFile: string
  readonly keyFile: string
  /** The instant at which the seller's clock starts, `2026-11-21T09:00:00+01:00`; it never goes behind the last ticket. */
  readonly startAt: string
  readonly timeZone?: string
  readonly seed?: number
  /** Which registers this process sells on; two processes must not share one. Both selling ones unless told otherwise. */
  readonly registers?: readonly number[]
  /** As fast as possible unless told otherwise. */
  readonly ticketsPerSecond?: number
  readonly synchronous?: 'NORMAL' | 'FULL'
  readonly databaseKey?: string
  /** Checkpoints at random: after a ticket, with this probability, one of these modes. */
  readonly checkpoints?: { readonly probability: number; readonly modes: readonly CheckpointMode[] }
  /** SQLite's own: 1000 pages unless told otherwise, 0 for never. */
  readonly autocheckpointPages?: number
  /** A line for each ticket whose COMMIT has returned; `isSynced` waits for the disk each time. */
  readonly ledger?: { readonly file: string; readonly isSynced: boolean }
}
