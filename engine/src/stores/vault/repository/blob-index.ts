import type { BlobType, PackedBlob } from '../format/blob.ts'
import type { IndexedPack } from '../format/index-file.ts'
import { SEAL_BYTES } from '../format/seal.ts'
import { IdTable } from './id-table.ts'

/** Where a blob lies. */
export interface BlobPlace {
  /** The name of its pack. */
  readonly pack: string
  readonly blob: PackedBlob
}

/** Plain bytes of a blob. */
export function plainBytesOf({ length, uncompressedLength }: PackedBlob): number {
  return uncompressedLength ?? length - SEAL_BYTES
}

/** Which blobs there are, and where: what all index files of a vault say together. */
export class BlobIndex {
  readonly #tables = { data: new BlobTable(), tree: new BlobTable() }
  /** The number of each pack. */
  readonly #packs = new Map<string, number>()
  readonly #names: string[] = []

  add({ id, blobs }: IndexedPack): void {
    if (this.#packs.has(id)) {
      return // two index files may name one pack
    }
    const number = this.#names.push(id) - 1
    this.#packs.set(id, number)
    for (const blob of blobs) {
      this.#tables[blob.type].add(number, blob)
    }
  }

  get packs(): readonly string[] {
    return this.#names
  }

  hasPack(id: string): boolean {
    return this.#packs.has(id)
  }

  /** The ids of one type, for other threads. */
  ids(type: BlobType): IdTable {
    return this.#tables[type].ids
  }

  has(type: BlobType, id: Uint8Array): boolean {
    return this.#tables[type].ids.find(id) !== undefined
  }

  /** The latest place of a blob. */
  find(type: BlobType, id: Uint8Array): BlobPlace | undefined {
    const number = this.#tables[type].ids.find(id)
    return number === undefined ? undefined : this.placeAt(type, number)
  }

  /** Every place of a blob, the latest first. */
  *places(type: BlobType, id: Uint8Array): Iterable<BlobPlace> {
    const table = this.#tables[type]
    for (let number = table.ids.find(id); number !== undefined; number = table.ids.earlier(number)) {
      yield this.placeAt(type, number)
    }
  }

  /** All blobs of one type, each with each of its places. */
  *all(type: BlobType): Iterable<BlobPlace> {
    for (let number = 0; number < this.#tables[type].ids.size; number += 1) {
      yield this.placeAt(type, number)
    }
  }

  /** The place with a number: those of one type are numbered 0, 1, 2 … as their `ids` are. */
  placeAt(type: BlobType, number: number): BlobPlace {
    const { pack, ...blob } = this.#tables[type].at(number)
    return { pack: this.#names[pack] ?? '', blob: { ...blob, type } }
  }
}

/** Numbers of a row: pack, offset, length, plain length (0 when it lies uncompressed). */
const COLUMNS = 4

class BlobTable {
  readonly ids: IdTable = new IdTable()
  #rows: Uint32Array = new Uint32Array(1024 * COLUMNS)

  add(pack: number, { id, offset, length, uncompressedLength }: PackedBlob): void {
    const start = this.ids.add(id) * COLUMNS
    if (start + COLUMNS > this.#rows.length) {
      const rows = new Uint32Array(2 * this.#rows.length)
      rows.set(this.#rows)
      this.#rows = rows
    }
    this.#rows.set([pack, offset, length, uncompressedLength ?? 0], start)
  }

  at(number: number): Omit<PackedBlob, 'type'> & { pack: number } {
    const [pack = 0, offset = 0, length = 0, plain = 0] = this.#rows.subarray(number * COLUMNS, (number + 1) * COLUMNS)
    const uncompressedLength = plain === 0 ? undefined : plain
    return { pack, id: Buffer.from(this.ids.idAt(number)), offset, length, uncompressedLength }
  }
}
