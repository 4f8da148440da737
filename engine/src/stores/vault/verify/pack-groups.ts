import type { BlobType } from '../format/blob.ts'
import type { BlobIndex } from '../repository/blob-index.ts'

/** Packs that hold the same blobs: each group once, however many blobs there are. */
export class PackGroups {
  readonly #index: BlobIndex
  /** Packs that alone hold a blob. */
  readonly #alone = new Set<number>()
  readonly #several = new Map<string, readonly number[]>()

  constructor(index: BlobIndex) {
    this.#index = index
  }

  /** Adds the packs of the blob whose id lies there: none when no index knows it. */
  add(type: BlobType, ids: Uint8Array, at: number): void {
    const table = this.#index.table(type)
    const number = table.ids.find(ids, at)
    if (number === undefined) {
      return
    }
    if (table.ids.earlier(number) === undefined) {
      this.#alone.add(table.packOf(number))
      return
    }
    const packs: number[] = []
    for (let place: number | undefined = number; place !== undefined; place = table.ids.earlier(place)) {
      packs.push(table.packOf(place))
    }
    this.#several.set(packs.join(), packs)
  }

  /** Names of packs, the latest of each group first. */
  *all(): Iterable<readonly string[]> {
    for (const pack of this.#alone) {
      yield [this.#index.packName(pack)]
    }
    for (const packs of this.#several.values()) {
      yield packs.map((pack) => this.#index.packName(pack))
    }
  }
}
