import type { PackedBlob } from './blob.ts'
import { ID_BYTES } from './blob-id.ts'
import type { SealedBlobs } from './open-blobs.ts'

/** Places of blobs: a few pieces of memory instead of thousands of objects. */
export interface BlobColumns extends SealedBlobs {
  /** 1 for a tree. */
  readonly trees: Uint8Array
}

export function newColumns(blobs: number): BlobColumns {
  return {
    ids: new Uint8Array(blobs * ID_BYTES),
    trees: new Uint8Array(blobs),
    offsets: new Uint32Array(blobs),
    lengths: new Uint32Array(blobs),
    plainLengths: new Uint32Array(blobs),
  }
}

export function columnsOf(blobs: readonly PackedBlob[]): BlobColumns {
  const columns = newColumns(blobs.length)
  for (const [index, { id, type, offset, length, uncompressedLength }] of blobs.entries()) {
    columns.ids.set(id, index * ID_BYTES)
    columns.trees[index] = type === 'tree' ? 1 : 0
    columns.offsets[index] = offset
    columns.lengths[index] = length
    columns.plainLengths[index] = uncompressedLength ?? 0
  }
  return columns
}

/** A part of them. A view. */
export function sliceColumns(columns: BlobColumns, start: number, end: number): BlobColumns {
  return {
    ids: columns.ids.subarray(start * ID_BYTES, end * ID_BYTES),
    trees: columns.trees.subarray(start, end),
    offsets: columns.offsets.subarray(start, end),
    lengths: columns.lengths.subarray(start, end),
    plainLengths: columns.plainLengths.subarray(start, end),
  }
}

/** The same as objects. Their ids are views. */
export function blobsOf({ ids, trees, offsets, lengths, plainLengths }: BlobColumns): PackedBlob[] {
  const all = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)
  return Array.from(trees, (tree, index) => {
    const plainBytes = plainLengths[index] ?? 0
    return {
      id: all.subarray(index * ID_BYTES, (index + 1) * ID_BYTES),
      type: tree === 1 ? 'tree' : 'data',
      offset: offsets[index] ?? 0,
      length: lengths[index] ?? 0,
      uncompressedLength: plainBytes === 0 ? undefined : plainBytes,
    }
  })
}
