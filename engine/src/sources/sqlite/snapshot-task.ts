import type { DatabaseEncryption, DatabaseFingerprint } from '../../model/index.ts'
import type { CipherKey } from './cipher-key.ts'
import type { CommittedState } from './committed-state.ts'

/** Copy the committed state of a live database into a new file. */
export interface SnapshotTask {
  readonly kind: 'snapshot'
  readonly database: string
  /** With them, even with none, the database has to be encrypted; without, it may not be. */
  readonly keys?: readonly CipherKey[]
  /** Made by the task; must not exist. */
  readonly target: string
  /** A file for the page map of the copy, made by the task; none without. */
  readonly pageMap?: string
  readonly limits: PinLimits
  /** Whether somebody else may have made it. Set for all that is behind walls. */
  readonly isStrange?: boolean
}

/** When a snapshot gives up: while it lasts, the till's WAL can't be reset and grows. */
export interface PinLimits {
  readonly milliseconds: number
  readonly walGrowthBytes: number
}

/** Of a till's database: after that its own copy would be too old, or its WAL too large. */
export const LIMITS: PinLimits = { milliseconds: 15 * 60_000, walGrowthBytes: 4 * 1024 ** 3 }

export interface SnapshotResult extends CopiedPages {
  readonly bytes: number
  readonly sha256: string
  /** As the bytes of the copy are, and those of the database. */
  readonly encryption: DatabaseEncryption
  /** Of the database that was copied; undefined when it changed meanwhile, or can't be told. */
  readonly state?: CommittedState
}

/** How the pages came into the target. */
export interface CopiedPages {
  /** Read in the transaction of the copy. */
  readonly fingerprint: DatabaseFingerprint
  readonly way: 'wal' | 'steps' | 'engine' | 'vacuum' | 'held'
  /** How long the till's WAL was held back, or how long its writers waited at most, in milliseconds. */
  readonly pinnedMs: number
}
