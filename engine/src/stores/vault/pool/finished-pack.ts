import type { BlobColumns } from '../format/blob-columns.ts'

/** A whole pack: its name is the SHA-256 of its bytes. */
export interface FinishedPack {
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly blobs: BlobColumns
}
