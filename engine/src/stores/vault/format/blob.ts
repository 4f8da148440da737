/** What a blob holds: a piece of a file, or a folder's list. They never share a pack. */
export type BlobType = 'data' | 'tree'

/** Where a blob lies in its pack, sealed. */
export interface PackedBlob {
  readonly id: Buffer
  readonly type: BlobType
  readonly offset: number
  /** Bytes in the pack. */
  readonly length: number
  /** Bytes of the plain blob when it lies compressed. */
  readonly uncompressedLength?: number | undefined
}
