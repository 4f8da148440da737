import type { BlobColumns } from '../format/blob-columns.ts'
import type { SealedBlobs } from '../format/open-blobs.ts'
import type { VaultKey } from '../format/seal.ts'
import type { SharedIds } from '../repository/id-table.ts'
import type { FinishedPack } from './finished-pack.ts'

/** What a worker is started with. */
export interface VaultWorkerStart {
  readonly key: VaultKey
  /** The data blobs that are stored already. */
  readonly known: SharedIds
}

/** Blobs to be stored: they lie one behind the other in `bytes`. */
export interface StoreTask {
  readonly kind: 'store'
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array
  readonly levels: Uint8Array
  /** A buffer of an earlier pack, to be used again. */
  readonly spare: ArrayBuffer | undefined
}

/** What became of a `StoreTask`. */
export interface Stored {
  /** Ids of the pieces, 32 bytes each. */
  readonly ids: Uint8Array
  readonly packs: readonly FinishedPack[]
  /** The task's own memory, to be used again. */
  readonly returned: ArrayBuffer
}

/** Ends the pack in work. */
interface FinishTask {
  readonly kind: 'finish'
}

/** A pack without its end, which its writer adds when it is joined with others. */
export interface SentRest {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly blobs: BlobColumns
}

/** Where the plain bytes of blobs belong: the same blob may belong to several places. In the order of the blobs. */
export interface BlobTargets {
  /** Numbers of blobs. */
  readonly blobs: Uint32Array
  /** Where their bytes begin in the target: what falls outside of it is left out. */
  readonly positions: Int32Array
}

/** Sealed blobs to be opened into shared memory. */
export interface OpenTask {
  readonly kind: 'open'
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly blobs: SealedBlobs
  readonly targets: BlobTargets
  /** Shared memory. */
  readonly target: Uint8Array<SharedArrayBuffer>
}

/** What became of an `OpenTask`. */
export interface Opened {
  /** Which blobs are damaged (by number), and why. */
  readonly damaged: readonly { readonly blob: number; readonly why: string }[]
  /** The task's own memory, to be used again. */
  readonly returned: ArrayBuffer
}

/** A whole pack to be checked against its name, its header and what the index says of it. */
export interface CheckTask {
  readonly kind: 'check'
  readonly pack: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a pack holds, and what does not fit in it. */
export interface Checked {
  readonly blobs: BlobColumns
  readonly problems: readonly string[]
}

export type VaultTask = StoreTask | FinishTask | OpenTask | CheckTask

/** What a worker answers to each kind of task. */
export interface VaultAnswers {
  readonly store: Stored
  readonly finish: SentRest
  readonly open: Opened
  readonly check: Checked
}

/** A pack is ended once it has so many bytes. */
export const PACK_BYTES: number = 4 * 1024 * 1024
