import type { DatabaseFingerprint, Failure, SchemaMap } from '../../model/index.ts'
import type { CommittedState } from './committed-state.ts'
import type { InspectResult } from './inspect.ts'
import type { PinnedLayout } from './pin-wal.ts'
import type { PinLimits, SnapshotResult } from './snapshot-task.ts'

/** Hold the committed state of a live database, give its bytes, and look into it, all without a copy. */
export interface HoldTask {
  readonly database: string
  /** A fresh folder of ours: a window for the bytes that are asked for, and as soon as somebody sells, a copy. */
  readonly folder: string
  readonly schemaMap?: SchemaMap
  readonly limits: PinLimits
}

/** What the process that holds a database is told. */
export type HoldOrder =
  | { readonly kind: 'hold'; readonly task: HoldTask }
  | (HeldRange & { readonly kind: 'read'; readonly id: number })
  | { readonly kind: 'release' }

/** Bytes of the database from `start` to `end` that are to be put into the window, from byte `at` on. */
export interface HeldRange {
  readonly start: number
  readonly end: number
  readonly at: number
}

/** The files in the folder of a task. */
export const WINDOW = 'window'
export const COPY = 'database'

/** What it says. */
export type HoldMessage =
  | { readonly kind: 'progress'; readonly bytes: number; readonly totalBytes: number }
  /** The state is held: what it is, and the hashes of its pages, encoded. */
  | { readonly kind: 'held'; readonly result: SnapshotResult; readonly map: Uint8Array }
  /** It can't be held: it has to be copied. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'read'; readonly id: number }
  | { readonly kind: 'read-failed'; readonly id: number; readonly failure: Failure }
  | Inspected
  /** All that is held lies in the copy now: nothing needs this process any more. */
  | { readonly kind: 'copied' }
  /** Let go, and what the database was then, where that is what was held. */
  | { readonly kind: 'released'; readonly state?: CommittedState }

/** What the look into the database found. */
export type Inspected =
  | { readonly kind: 'inspected'; readonly result: InspectResult }
  | { readonly kind: 'inspection-failed'; readonly failure: Failure }

/** What the thread says that has the connection. */
export type PinMessage =
  | { readonly kind: 'pinned'; readonly layout: PinnedLayout; readonly fingerprint: DatabaseFingerprint }
  | { readonly kind: 'refused' }
  | Inspected
