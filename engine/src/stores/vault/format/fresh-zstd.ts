import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { ZstdFrames } from './zstd-frames.ts'

/** zlib takes no smaller chunks. */
const LEAST_CHUNK = 64

/** Frames of zstd by Node's documented functions: each in working memory of its own. */
export class FreshZstd implements ZstdFrames {
  compress(plain: Uint8Array, level: number): Uint8Array | undefined {
    const params = { [constants.ZSTD_c_compressionLevel]: level }
    const pledgedSrcSize = plain.byteLength // it needs less memory for a small blob when it knows
    const chunkSize = Math.max(plain.byteLength, LEAST_CHUNK) // one chunk: what does not fit into it is not kept
    const frame = zstdCompressSync(plain, { params, chunkSize, pledgedSrcSize })
    return frame.byteLength < plain.byteLength ? frame : undefined
  }

  decompress(frame: Uint8Array, target: Uint8Array): boolean {
    try {
      const maxOutputLength = Math.max(1, target.byteLength)
      const plain = zstdDecompressSync(frame, { maxOutputLength, chunkSize: Math.max(maxOutputLength, LEAST_CHUNK) })
      if (plain.byteLength !== target.byteLength) {
        return false
      }
      target.set(plain)
      return true
    } catch {
      return false
    }
  }
}
