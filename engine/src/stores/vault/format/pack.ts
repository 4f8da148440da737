import type { PackedBlob } from './blob.ts'
import { ID_BYTES } from './blob-id.ts'
import { SEAL_BYTES, type Sealer } from './seal.ts'

/**
 * A pack is sealed blobs, then their sealed header, then the header's length in 4 bytes (all numbers little-endian). An
 * entry of the header: type, length, for compressed blobs the plain length, id. Source: restic, Design, "Pack Format".
 */
const TYPES = { data: 0, tree: 1 } as const
const COMPRESSED = 2
const PLAIN_ENTRY_BYTES = 1 + 4 + ID_BYTES
const COMPRESSED_ENTRY_BYTES = PLAIN_ENTRY_BYTES + 4
const LENGTH_BYTES = 4
/** What restic takes at most: a larger length is damage. */
const HEADER_BYTES = 16 * 1024 * 1024

/** What follows the blobs of a pack. */
export function packEnd(blobs: readonly PackedBlob[], sealer: Sealer): Buffer {
  const header = sealer.seal(Buffer.concat(blobs.map(entryOf)))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(header.byteLength)
  return Buffer.concat([header, length])
}

/** Bytes of what follows so many blobs, all compressed: no pack has more. */
export function packEndBytes(blobs: number): number {
  return blobs * COMPRESSED_ENTRY_BYTES + SEAL_BYTES + LENGTH_BYTES
}

/** Bytes of what follows these blobs. */
export function packEndLength(blobs: readonly PackedBlob[]): number {
  return blobs.reduce((sum, blob) => sum + entryBytes(blob), SEAL_BYTES + LENGTH_BYTES)
}

/** How far a pack's header reaches from its end, as its last four bytes say; undefined when that cannot be. */
export function headerReach(lastBytes: Uint8Array, packBytes: number): number | undefined {
  const last = Buffer.from(lastBytes.buffer, lastBytes.byteOffset, lastBytes.byteLength)
  if (last.byteLength < LENGTH_BYTES) {
    return undefined
  }
  const length = last.readUInt32LE(last.byteLength - LENGTH_BYTES)
  const reach = length + LENGTH_BYTES
  return length <= SEAL_BYTES || length > HEADER_BYTES || reach > packBytes ? undefined : reach
}

/** The blobs of a pack, from what follows them (`headerReach` bytes). Errors: `SealBroken`, `PackBroken`. */
export function decodePackEnd(end: Uint8Array, packBytes: number, sealer: Sealer): PackedBlob[] {
  const header = sealer.unseal(end.subarray(0, -LENGTH_BYTES))
  const blobs: PackedBlob[] = []
  let offset = 0
  for (let position = 0; position < header.byteLength; ) {
    const kind = header.readUInt8(position)
    const isCompressed = kind >= COMPRESSED
    const bytes = isCompressed ? COMPRESSED_ENTRY_BYTES : PLAIN_ENTRY_BYTES
    if (kind > COMPRESSED + TYPES.tree || position + bytes > header.byteLength) {
      throw new PackBroken('its header has an entry that is none')
    }
    const length = header.readUInt32LE(position + 1)
    const id = header.subarray(position + bytes - ID_BYTES, position + bytes)
    const type = kind % COMPRESSED === TYPES.data ? 'data' : 'tree'
    const uncompressedLength = isCompressed ? header.readUInt32LE(position + 5) : undefined
    blobs.push({ id, type, offset, length, uncompressedLength })
    offset += length
    position += bytes
  }
  if (offset + end.byteLength !== packBytes) {
    throw new PackBroken(`its header speaks of ${offset} bytes, and there are ${packBytes - end.byteLength}`)
  }
  return blobs
}

/** A pack whose header does not fit its bytes. */
export class PackBroken extends Error {}

function entryOf({ id, type, length, uncompressedLength }: PackedBlob): Buffer {
  const entry = Buffer.alloc(entryBytes({ uncompressedLength }))
  entry.writeUInt8(TYPES[type] + (uncompressedLength === undefined ? 0 : COMPRESSED))
  entry.writeUInt32LE(length, 1)
  if (uncompressedLength !== undefined) {
    entry.writeUInt32LE(uncompressedLength, 5)
  }
  id.copy(entry, entry.byteLength - ID_BYTES)
  return entry
}

function entryBytes({ uncompressedLength }: Pick<PackedBlob, 'uncompressedLength'>): number {
  return uncompressedLength === undefined ? PLAIN_ENTRY_BYTES : COMPRESSED_ENTRY_BYTES
}
