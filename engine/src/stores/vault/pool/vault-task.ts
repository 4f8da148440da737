import type { VaultKey } from '../format/seal.ts'
import type { SharedIds } from '../repository/id-table.ts'
import type { SentBlobs } from './sent-blobs.ts'

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
  readonly pieces: readonly { readonly length: number; readonly level: number }[]
  /** A buffer of an earlier pack, to be used again. */
  readonly spare: ArrayBuffer | undefined
}

/** What became of a `StoreTask`. */
export interface Stored {
  /** Ids of the pieces, 32 bytes each. */
  readonly ids: Uint8Array
  readonly packs: readonly SentPack[]
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
  readonly blobs: SentBlobs
}

/** A whole pack. */
export interface SentPack extends SentRest {
  /** The SHA-256 of its bytes. */
  readonly id: string
}

/** A blob to be opened, and where its plain bytes belong in `target`: places outside of it are left out. */
export interface BlobToOpen {
  readonly id: Uint8Array
  /** Where it begins in `sealed`. */
  readonly offset: number
  readonly length: number
  readonly uncompressedLength: number | undefined
  readonly targets: readonly number[]
}

/** Sealed blobs to be opened into shared memory. */
export interface OpenTask {
  readonly kind: 'open'
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly blobs: readonly BlobToOpen[]
  /** Shared memory. */
  readonly target: Uint8Array<SharedArrayBuffer>
}

/** Which blobs of an `OpenTask` are damaged (by number), and why. */
export interface Opened {
  readonly damaged: readonly { readonly blob: number; readonly why: string }[]
}

/** A whole pack to be checked against its name, its header and what the index says of it. */
export interface CheckTask {
  readonly kind: 'check'
  readonly pack: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a pack holds, and what does not fit in it. */
export interface Checked {
  readonly blobs: SentBlobs
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
