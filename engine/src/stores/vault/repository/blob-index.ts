import type { BlobType, PackedBlob } from '../format/blob.ts'
import { columnsOf } from '../format/blob-columns.ts'
import type { IndexedPack } from '../format/index-file.ts'
import type { IndexColumns } from '../format/index-text.ts'
import { SEAL_BYTES } from '../format/seal.ts'
import { BlobTable } from './blob-table.ts'
import type { IdTable } from './id-table.ts'

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
    this.addAll({ packs: [id], starts: [0], blobs: columnsOf(blobs) })
  }

  /** All that an index file names. */
  addAll({ packs, starts, blobs }: IndexColumns): void {
    for (const [index, id] of packs.entries()) {
      if (this.#packs.has(id)) {
        continue // two index files may name one pack
      }
      const pack = this.#names.push(id) - 1
      this.#packs.set(id, pack)
      const end = starts[index + 1] ?? blobs.trees.length
      for (let blob = starts[index] ?? 0; blob < end; blob += 1) {
        this.#tables[blobs.trees[blob] === 1 ? 'tree' : 'data'].add(pack, blobs, blob)
      }
    }
  }

  get packs(): readonly string[] {
    return this.#names
  }

  hasPack(id: string): boolean {
    return this.#packs.has(id)
  }

  /** The name of the pack with a number. */
  packName(number: number): string {
    return this.#names[number] ?? ''
  }

  /** The places of one type, by their numbers. */
  table(type: BlobType): BlobTable {
    return this.#tables[type]
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
    const table = this.#tables[type]
    return { pack: this.packName(table.packOf(number)), blob: { ...table.at(number), type } }
  }
}
