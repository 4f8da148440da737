import type { BlobType, PackedBlob } from '../format/blob.ts'
import { packEndLength } from '../format/pack.ts'
import type { BlobIndex } from '../repository/blob-index.ts'

/** A blob of a pack, and its number among the places of its type in the index. */
export interface NumberedBlob {
  readonly number: number
  readonly blob: PackedBlob
}

const TYPES = ['data', 'tree'] as const

/** What an index says of each pack. Compact (4 bytes a blob); packs have the numbers of `index.packs`. */
export class PackContents {
  readonly #index: BlobIndex
  readonly #numbers = new Map<string, number>()
  /** Where the blobs of a pack begin in `#blobs`; the last is where they end. */
  readonly #starts: Uint32Array
  /** Twice the number of a blob, and one more for a tree. */
  readonly #blobs: Uint32Array

  constructor(index: BlobIndex) {
    this.#index = index
    for (const [number, id] of index.packs.entries()) {
      this.#numbers.set(id, number)
    }
    this.#starts = new Uint32Array(index.packs.length + 1)
    this.#blobs = new Uint32Array(index.ids('data').size + index.ids('tree').size)
    for (const { pack } of this.#all()) {
      this.#starts[pack + 1] = (this.#starts[pack + 1] ?? 0) + 1
    }
    for (const pack of index.packs.keys()) {
      this.#starts[pack + 1] = (this.#starts[pack + 1] ?? 0) + (this.#starts[pack] ?? 0)
    }
    const next = this.#starts.slice()
    for (const { pack, coded } of this.#all()) {
      const place = next[pack] ?? 0
      this.#blobs[place] = coded
      next[pack] = place + 1
    }
  }

  numberOf(pack: string): number | undefined {
    return this.#numbers.get(pack)
  }

  /** The blobs of a pack in the order in which they lie there. */
  blobsOf(pack: number): NumberedBlob[] {
    return [...this.#blobs.subarray(this.#starts[pack], this.#starts[pack + 1])]
      .map((coded) => {
        const number = coded >>> 1
        return { number, blob: this.#index.placeAt(typeOf(coded), number).blob }
      })
      .sort((a, b) => a.blob.offset - b.blob.offset)
  }

  /** Bytes of the file of a pack, its header included. */
  bytesOf(pack: number): number {
    const blobs = this.blobsOf(pack).map(({ blob }) => blob)
    return blobs.reduce((sum, { length }) => sum + length, 0) + packEndLength(blobs)
  }

  *#all(): Iterable<{ pack: number; coded: number }> {
    for (const [tree, type] of TYPES.entries()) {
      const table = this.#index.table(type)
      for (let number = 0; number < table.ids.size; number += 1) {
        yield { pack: table.packOf(number), coded: 2 * number + tree }
      }
    }
  }
}

function typeOf(coded: number): BlobType {
  return coded % 2 === 1 ? 'tree' : 'data'
}
