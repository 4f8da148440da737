import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Content } from '../engine/src/snapshot/content.ts'
import { hashDatabase } from '../engine/src/snapshot/pages/hash-database.ts'
import { pageBytesOf } from '../engine/src/snapshot/pages/page-bytes.ts'
import { cutDatabase, type FormerDatabase } from '../engine/src/stores/vault/cut/cut-database.ts'
import type { NewPiece } from '../engine/src/stores/vault/cut/piece.ts'

/** IV and MAC of a sealed blob, and its entry in the header of its pack. */
const SEALED_BYTES = 32 + 41

/** Counts what a vault would store, and keeps nothing but the ids. */
export class CountedVault {
  readonly #seen = new Set<string>()

  /** Saves a database; gives the bytes that this adds, and the time of the cut without page hashes, compression and SHA-256. */
  async save(
    content: Content,
    pageSize: number,
    former: FormerDatabase | undefined,
  ): Promise<{ stored: number; cutMs: number; database: FormerDatabase }> {
    const { map } = await hashDatabase(content, pageBytesOf(pageSize), new AbortController().signal)
    const [ids, lengths, index]: [Buffer[], number[], object[]] = [[], [], []]
    let [stored, storingMs] = [0, 0]
    const begun = performance.now()
    for await (const piece of cutDatabase(content, map, former)) {
      if (piece.kind === 'known') {
        ids.push(piece.ids)
        lengths.push(...piece.lengths)
        continue
      }
      const storingBegun = performance.now()
      const id = hash('sha256', piece.bytes, 'buffer')
      if (!this.#seen.has(id.toString('hex'))) {
        this.#seen.add(id.toString('hex'))
        const length = storedBytes(piece)
        index.push({
          id: id.toString('hex'),
          type: 'data',
          offset: stored,
          length,
          uncompressed_length: piece.bytes.byteLength,
        })
        stored += length
      }
      ids.push(id)
      lengths.push(piece.bytes.byteLength)
      storingMs += performance.now() - storingBegun
    }
    const cutMs = performance.now() - begun - storingMs
    const all = Buffer.concat(ids)
    stored += compressed(JSON.stringify(index), 3) + compressed(JSON.stringify(hexOf(all)), 3)
    return { stored, cutMs, database: { cut: { ids: all, bytes: Uint32Array.from(lengths) }, map } }
  }
}

function storedBytes({ bytes, restless }: NewPiece): number {
  return Math.min(bytes.byteLength, compressed(bytes, restless ? 1 : 3)) + SEALED_BYTES
}

function hexOf(ids: Buffer): string[] {
  return Array.from({ length: ids.byteLength / 32 }, (_, n) => ids.toString('hex', 32 * n, 32 * n + 32))
}

function compressed(bytes: Buffer | string, level: number): number {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }).byteLength
}
