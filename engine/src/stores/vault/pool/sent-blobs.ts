import type { PackedBlob } from '../format/blob.ts'
import { ID_BYTES } from '../format/blob-id.ts'

/** Places of blobs on their way between threads: two pieces of memory instead of thousands of objects. */
export interface SentBlobs {
  readonly ids: Uint8Array
  /** Four numbers for each: 1 for a tree, offset, length, plain length or 0. */
  readonly rows: Uint32Array
}

const COLUMNS = 4

export function sentBlobs(blobs: readonly PackedBlob[]): SentBlobs {
  const ids = new Uint8Array(blobs.length * ID_BYTES)
  const rows = new Uint32Array(blobs.length * COLUMNS)
  for (const [index, { id, type, offset, length, uncompressedLength }] of blobs.entries()) {
    ids.set(id, index * ID_BYTES)
    rows.set([type === 'tree' ? 1 : 0, offset, length, uncompressedLength ?? 0], index * COLUMNS)
  }
  return { ids, rows }
}

export function receivedBlobs({ ids, rows }: SentBlobs): PackedBlob[] {
  const all = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)
  return Array.from({ length: ids.byteLength / ID_BYTES }, (_, index) => {
    const [type, offset = 0, length = 0, plain = 0] = rows.subarray(index * COLUMNS, (index + 1) * COLUMNS)
    return {
      id: all.subarray(index * ID_BYTES, (index + 1) * ID_BYTES),
      type: type === 1 ? 'tree' : 'data',
      offset,
      length,
      uncompressedLength: plain === 0 ? undefined : plain,
    }
  })
}
