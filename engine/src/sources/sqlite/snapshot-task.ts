import type { DatabaseFingerprint } from '../../model/index.ts'

/** Copy the committed state of a live database into a new file. */
export interface SnapshotTask {
  readonly kind: 'snapshot'
  readonly database: string
  /** Made by the task; must not exist. */
  readonly target: string
  readonly limits: PinLimits
}

/** When a snapshot gives up: while it lasts, the till's WAL can't be reset and grows. */
export interface PinLimits {
  readonly milliseconds: number
  readonly walGrowthBytes: number
}

export interface SnapshotResult extends CopiedPages {
  readonly bytes: number
  readonly sha256: string
}

/** How the pages came into the target. */
export interface CopiedPages {
  /** Read in the transaction of the copy. */
  readonly fingerprint: DatabaseFingerprint
  readonly way: 'wal' | 'steps' | 'engine'
  /** How long the till's WAL was held back, or how long its writers waited at most, in milliseconds. */
  readonly pinnedMs: number
}
