import type { PackedBlob } from '../format/blob.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import type { SealedBlobs } from '../format/open-blobs.ts'
import { SEAL_BYTES } from '../format/seal.ts'
import { IdTable } from './id-table.ts'

/** Numbers of a row: pack, offset, length, plain length (0 when it lies uncompressed). */
const COLUMNS = 4

/** Where the blobs of one type lie: the places are numbered 0, 1, 2 … as their `ids` are, and so are packs. */
export class BlobTable {
  readonly ids: IdTable = new IdTable()
  #rows: Uint32Array = new Uint32Array(1024 * COLUMNS)

  /** Adds one of these blobs. */
  add(pack: number, { ids, offsets, lengths, plainLengths }: SealedBlobs, blob: number): void {
    const start = this.ids.add(ids, blob * ID_BYTES) * COLUMNS
    if (start + COLUMNS > this.#rows.length) {
      const rows = new Uint32Array(2 * this.#rows.length)
      rows.set(this.#rows)
      this.#rows = rows
    }
    this.#rows[start] = pack
    this.#rows[start + 1] = offsets[blob] ?? 0
    this.#rows[start + 2] = lengths[blob] ?? 0
    this.#rows[start + 3] = plainLengths[blob] ?? 0
  }

  packOf(number: number): number {
    return this.#rows[number * COLUMNS] ?? 0
  }

  offsetOf(number: number): number {
    return this.#rows[number * COLUMNS + 1] ?? 0
  }

  lengthOf(number: number): number {
    return this.#rows[number * COLUMNS + 2] ?? 0
  }

  /** 0 for a blob that lies uncompressed. */
  compressedFrom(number: number): number {
    return this.#rows[number * COLUMNS + 3] ?? 0
  }

  /** Bytes of the plain blob. */
  plainBytesOf(number: number): number {
    const plain = this.compressedFrom(number)
    return plain === 0 ? this.lengthOf(number) - SEAL_BYTES : plain
  }

  at(number: number): Omit<PackedBlob, 'type'> {
    const plain = this.compressedFrom(number)
    return {
      id: Buffer.from(this.ids.idAt(number)),
      offset: this.offsetOf(number),
      length: this.lengthOf(number),
      uncompressedLength: plain === 0 ? undefined : plain,
    }
  }
}
