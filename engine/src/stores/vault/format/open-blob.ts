import { zstdDecompressSync } from 'node:zlib'
import type { PackedBlob } from './blob.ts'
import { blobIdOf } from './blob-id.ts'
import { SealBroken, type Sealer } from './seal.ts'

/** The plain bytes of a blob. Error: `SealBroken` when they are not those that its id names. */
export function openBlob(sealed: Uint8Array, blob: Omit<PackedBlob, 'type' | 'offset'>, sealer: Sealer): Buffer {
  const opened = sealer.unseal(sealed)
  const plain = blob.uncompressedLength === undefined ? opened : decompressed(opened, blob.uncompressedLength)
  if (!blobIdOf(plain).equals(blob.id)) {
    throw new SealBroken('it has other bytes than its name says')
  }
  return plain
}

/** zlib takes no smaller ones. */
const LEAST_CHUNK = 64

function decompressed(bytes: Buffer, plainBytes: number): Buffer {
  try {
    // One chunk holds it all: without that, it is put together from pieces of 16 KiB.
    return zstdDecompressSync(bytes, { maxOutputLength: plainBytes, chunkSize: Math.max(plainBytes, LEAST_CHUNK) })
  } catch (cause) {
    throw new SealBroken('it cannot be decompressed', { cause })
  }
}
