import { writeSync } from 'node:fs'
import { type PageLayout, readPages } from './page-layout.ts'

const PIECE_BYTES = 1024 * 1024

/**
 * Copies the pages of a layout, one after the other, into an empty file. Reading and writing
 * are apart, so that who holds a lock holds it for the reading only: writing waits for the disk.
 */
export class PageCopier {
  readonly #layout: PageLayout
  readonly #target: number
  readonly #buffer: Buffer
  /** Pages that were written, and pages that wait in the buffer. */
  #written = 0
  #waiting = 0

  /** Holds at most `pieces` megabytes at a time. */
  constructor(layout: PageLayout, target: number, pieces: number) {
    this.#layout = layout
    this.#target = target
    this.#buffer = Buffer.alloc(pieces * PIECE_BYTES)
  }

  get isDone(): boolean {
    return this.#written === this.#layout.pages
  }

  /** Bytes copied so far. */
  get bytes(): number {
    return this.#written * this.#layout.pageSize
  }

  get totalBytes(): number {
    return this.#layout.pages * this.#layout.pageSize
  }

  /** Reads the next pages until the buffer is full or `untilTicks` has come. */
  read(untilTicks: number = Number.POSITIVE_INFINITY): void {
    do {
      this.#readPiece()
    } while (this.#room > 0 && performance.now() < untilTicks)
  }

  /** Writes what was read. */
  write(): void {
    const bytes = this.#buffer.subarray(0, this.#waiting * this.#layout.pageSize)
    writeAll(this.#target, bytes, this.bytes)
    this.#written += this.#waiting
    this.#waiting = 0
  }

  /** Pages that still fit into the buffer and still are to come. */
  get #room(): number {
    const { pageSize, pages } = this.#layout
    return Math.min(
      Math.floor(this.#buffer.byteLength / pageSize) - this.#waiting,
      pages - this.#written - this.#waiting,
    )
  }

  #readPiece(): void {
    const { pageSize } = this.#layout
    const first = this.#written + this.#waiting + 1
    const count = Math.min(Math.max(1, Math.floor(PIECE_BYTES / pageSize)), this.#room)
    const piece = this.#buffer.subarray(this.#waiting * pageSize, (this.#waiting + count) * pageSize)
    readPages(this.#layout, first, piece)
    this.#waiting += count
  }
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done)
  }
}
