import { TillsafeError } from '../../../model/tillsafe-error.ts'
import type { Content } from '../../../snapshot/content.ts'
import type { PageMap } from '../../../snapshot/pages/page-map.ts'
import type { Span } from './span.ts'

/** The most that is looked at in one go. */
export const WINDOW_BYTES: number = 4 * 1024 * 1024

/** Opening a content again costs about as much as reading this. */
const GAP_BYTES = 256 * 1024

/** Reads what is new in a database, a window at a time. Every page is compared with the map. */
export class PageReader {
  readonly #content: Content
  readonly #map: PageMap
  readonly #buffer: Buffer
  /** Where the window begins in the database, in bytes. */
  #start = 0

  constructor(content: Content, map: PageMap) {
    this.#content = content
    this.#map = map
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, content.bytes))
  }

  /** Reads the new spans of a window that begins at this page; what lies close together in one go. */
  async read(window: number, spans: readonly Span[]): Promise<void> {
    this.#start = window * this.#map.pageBytes
    let [start, end] = [window, window]
    for (const span of spans) {
      if (span.kind === 'known') {
        continue
      }
      if (end > start && (span.start - end) * this.#map.pageBytes > GAP_BYTES) {
        await this.#load(start, end)
        start = span.start
      }
      start = end > start ? start : span.start
      end = span.end
    }
    await this.#load(start, end)
  }

  /** Pages that were read, valid until the next window. */
  bytes(start: number, end: number): Buffer {
    const { pageBytes, bytes } = this.#map
    return this.#buffer.subarray(start * pageBytes - this.#start, Math.min(bytes, end * pageBytes) - this.#start)
  }

  async #load(start: number, end: number): Promise<void> {
    const into = this.bytes(start, end)
    if (into.byteLength === 0) {
      return
    }
    const from = start * this.#map.pageBytes
    let read = 0
    for await (const chunk of await this.#content.open({ start: from, end: from + into.byteLength })) {
      into.set(chunk.subarray(0, into.byteLength - read), read)
      read += chunk.byteLength
    }
    if (read !== into.byteLength) {
      throw new TillsafeError(
        'source.unreadable',
        `the database has ended at ${from + read} of ${this.#content.bytes} bytes`,
      )
    }
    this.#compare(start, into)
  }

  #compare(first: number, bytes: Buffer): void {
    const { pageBytes, hashes } = this.#map
    for (let at = 0; at < bytes.byteLength; at += pageBytes) {
      const page = first + at / pageBytes
      if (!hashes.isOf(page, bytes.subarray(at, at + pageBytes))) {
        throw new TillsafeError('backup.damaged', `page ${page + 1} is not what was copied from the database`, {
          hint: 'Try again; if it happens twice, check the disk and the memory of this machine.',
        })
      }
    }
  }
}
