import type { FormerCut } from './former-cut.ts'
import { WINDOW_BYTES } from './page-reader.ts'
import type { KnownPieces } from './piece.ts'

/** Whole blobs of the former cut, one after another: blob `first + n` covers the pages `borders[n]` to `borders[n + 1]`. */
export interface BlobRow {
  readonly first: number
  readonly borders: readonly number[]
}

/** Walks through the blobs of a former cut, as far as they lie within the database as it is now. */
export class FormerBlobs {
  readonly #cut: FormerCut | undefined
  readonly #pageBytes: number
  readonly #bytes: number
  #next = 0

  constructor(cut: FormerCut | undefined, pageBytes: number, bytes: number) {
    this.#cut = cut
    this.#pageBytes = pageBytes
    this.#bytes = bytes
  }

  /** The blobs from this page on that fill a window, at least one; none when what is left of the database is shorter than the next. */
  take(page: number): BlobRow {
    const first = this.#next
    const borders = [page]
    const start = page * this.#pageBytes
    for (let end = start; ; ) {
      end += this.#cut?.bytes[this.#next] ?? Number.POSITIVE_INFINITY
      if (end > Math.min(this.#bytes, start + WINDOW_BYTES)) {
        return { first, borders }
      }
      borders.push(Math.ceil(end / this.#pageBytes))
      this.#next += 1
    }
  }

  /** The blobs from `first` up to `end` as a piece. */
  known(first: number, end: number): KnownPieces {
    const ids = this.#cut?.ids.subarray(32 * first, 32 * end) ?? Buffer.alloc(0)
    const lengths = this.#cut?.bytes.subarray(first, end) ?? new Uint32Array(0)
    return { kind: 'known', bytes: lengths.reduce((sum, bytes) => sum + bytes, 0), ids, lengths }
  }
}
