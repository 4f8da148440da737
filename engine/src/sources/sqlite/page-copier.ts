import { createHash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { TillsafeError } from '../../model/index.ts'
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

const CHUNK_BYTES = 1024 * 1024

/** Copies the pages of a layout, one after the other, into an empty file, and hashes them on the way. */
export class PageCopier {
  readonly #layout: PageLayout
  readonly #target: number
  readonly #hash = createHash('sha256')
  readonly #buffer: Buffer
  readonly #lockPage: number
  #next = 1

  constructor(layout: PageLayout, target: number) {
    this.#layout = layout
    this.#target = target
    this.#buffer = Buffer.alloc(Math.max(CHUNK_BYTES, layout.pageSize))
    this.#lockPage = lockPage(layout.pageSize)
  }

  get isDone(): boolean {
    return this.#next > this.#layout.pages
  }

  /** Bytes copied so far. */
  get bytes(): number {
    return (this.#next - 1) * this.#layout.pageSize
  }

  get totalBytes(): number {
    return this.#layout.pages * this.#layout.pageSize
  }

  /** Copies the next megabyte. */
  step(): void {
    const { pageSize, pages } = this.#layout
    const count = Math.min(Math.floor(this.#buffer.byteLength / pageSize), pages - this.#next + 1)
    const chunk = this.#buffer.subarray(0, count * pageSize)
    const filled = readUpTo(this.#layout.database, chunk, (this.#next - 1) * pageSize)
    for (let n = 0; n < count; n += 1) {
      this.#settlePage(this.#next + n, chunk.subarray(n * pageSize, (n + 1) * pageSize), filled >= (n + 1) * pageSize)
    }
    writeAll(this.#target, chunk, this.bytes)
    this.#hash.update(chunk)
    this.#next += count
  }

  /** The SHA-256 of all that was copied. */
  digest(): string {
    return this.#hash.digest('hex')
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
