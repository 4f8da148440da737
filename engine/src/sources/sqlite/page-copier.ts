import { readSync, writeSync } from 'node:fs'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { lockPage } from './database-header.ts'
import type { WalPages } from './wal-frames.ts'

/** Where the pages of one committed state lie. The descriptors stay open until the connection that pins it is closed. */
export interface PageLayout {
  readonly database: number
  readonly wal: number
  readonly walPages: WalPages
  readonly pageSize: number
  readonly pages: number
}

const PIECE_BYTES = 1024 * 1024

/**
 * Copies the pages of a layout, one after the other, into an empty file. Reading and writing
 * are apart, so that who holds a lock holds it for the reading only: writing waits for the disk.
 */
export class PageCopier {
  readonly #layout: PageLayout
  readonly #target: number
  readonly #buffer: Buffer
  readonly #lockPage: number
  /** Pages that were written, and pages that wait in the buffer. */
  #written = 0
  #waiting = 0

  /** Holds at most `pieces` megabytes at a time. */
  constructor(layout: PageLayout, target: number, pieces: number) {
    this.#layout = layout
    this.#target = target
    this.#buffer = Buffer.alloc(pieces * PIECE_BYTES)
    this.#lockPage = lockPage(layout.pageSize)
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
    const { pageSize, database } = this.#layout
    const first = this.#written + this.#waiting + 1
    const count = Math.min(Math.max(1, Math.floor(PIECE_BYTES / pageSize)), this.#room)
    const piece = this.#buffer.subarray(this.#waiting * pageSize, (this.#waiting + count) * pageSize)
    const filled = readUpTo(database, piece, (first - 1) * pageSize)
    for (let n = 0; n < count; n += 1) {
      this.#settlePage(first + n, piece.subarray(n * pageSize, (n + 1) * pageSize), filled >= (n + 1) * pageSize)
    }
    this.#waiting += count
  }

  /** The WAL's version of a page wins: while a checkpoint runs, the file's may be half written. */
  #settlePage(page: number, bytes: Buffer, inFile: boolean): void {
    const at = this.#layout.walPages.get(page)
    if (page === this.#lockPage) {
      bytes.fill(0)
    } else if (at !== undefined) {
      readSync(this.#layout.wal, bytes, 0, bytes.byteLength, at)
    } else if (!inFile) {
      throw new TillsafeError(
        'source.damaged',
        `page ${page} of ${this.#layout.pages} is missing: the database file is cut short`,
      )
    }
  }
}

function readUpTo(descriptor: number, into: Buffer, position: number): number {
  let done = 0
  while (done < into.byteLength) {
    const read = readSync(descriptor, into, done, into.byteLength - done, position + done)
    if (read === 0) {
      break
    }
    done += read
  }
  return done
}

function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done)
  }
}
