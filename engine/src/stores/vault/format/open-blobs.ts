import { zstdDecompressSync } from 'node:zlib'
import type { PackedBlob } from './blob.ts'
import { blobIdOf } from './blob-id.ts'
import { openBlob } from './open-blob.ts'
import type { Sealer } from './seal.ts'

/** A blob as it lies in its pack. */
export interface SealedBlob {
  readonly sealed: Uint8Array
  readonly blob: Omit<PackedBlob, 'type' | 'offset'>
}

/** Blobs are decompressed together up to so many plain bytes. */
const TOGETHER_BYTES = 4 * 1024 * 1024

/**
 * Opens blobs, each as `openBlob` would; a blob that is damaged gives its error in its place. Making ready for a decompression
 * takes longer than decompressing a page: frames of zstd that follow each other are decompressed in one go.
 */
export function openBlobs(blobs: readonly SealedBlob[], sealer: Sealer): (Buffer | Error)[] {
  const opened: (Buffer | Error)[] = []
  for (const group of groupsOf(blobs)) {
    opened.push(...(openTogether(group, sealer) ?? group.map((one) => openAlone(one, sealer))))
  }
  return opened
}

function* groupsOf(blobs: readonly SealedBlob[]): Iterable<readonly SealedBlob[]> {
  let group: SealedBlob[] = []
  let bytes = 0
  for (const one of blobs) {
    const plain = one.blob.uncompressedLength ?? one.sealed.byteLength
    if (bytes + plain > TOGETHER_BYTES && group.length > 0) {
      yield group
      group = []
      bytes = 0
    }
    group.push(one)
    bytes += plain
  }
  yield group
}

/** Undefined when anything does not fit: one by one it is found out what. */
function openTogether(group: readonly SealedBlob[], sealer: Sealer): Buffer[] | undefined {
  try {
    const unsealed = group.map(({ sealed }) => sealer.unseal(sealed))
    const frames = unsealed.filter((_, index) => group[index]?.blob.uncompressedLength !== undefined)
    const plainBytes = group.reduce((sum, { blob }) => sum + (blob.uncompressedLength ?? 0), 0)
    const plain = decompressed(frames, plainBytes)
    let position = 0
    const opened = group.map(({ blob: { uncompressedLength } }, index) => {
      if (uncompressedLength === undefined) {
        return unsealed[index] ?? Buffer.alloc(0)
      }
      position += uncompressedLength
      return plain.subarray(position - uncompressedLength, position)
    })
    return opened.every((one, index) => blobIdOf(one).equals(group[index]?.blob.id ?? one)) ? opened : undefined
  } catch {
    return undefined
  }
}

function decompressed(frames: readonly Buffer[], plainBytes: number): Buffer {
  return plainBytes === 0
    ? Buffer.alloc(0)
    : zstdDecompressSync(Buffer.concat(frames), { maxOutputLength: plainBytes, chunkSize: Math.max(plainBytes, 64) })
}

function openAlone({ sealed, blob }: SealedBlob, sealer: Sealer): Buffer | Error {
  try {
    return openBlob(sealed, blob, sealer)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
