import { TillsafeError } from '../../../model/tillsafe-error.ts'
import type { Content } from '../../../snapshot/content.ts'
import { cutPagesOf } from './cut-pages-of.ts'
import type { PageChanges } from './page-changes.ts'
import { type PageReader, WINDOW_BYTES } from './page-reader.ts'
import { WrongPageList } from './wrong-page-list.ts'

/** Reads only what is asked for: which pages have changed, somebody else has seen. What is read is compared with that. */
export class ListedPages implements PageReader {
  readonly #content: Content
  readonly #changes: PageChanges
  readonly #buffer: Buffer
  #start = 0

  constructor(content: Content, changes: PageChanges, changed: Iterable<number>, pageSize: number) {
    this.#content = content
    this.#changes = changes
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, content.bytes))
    for (const page of cutPagesOf(changed, pageSize, changes.map)) {
      changes.markChanged(page)
    }
  }

  async look(start: number): Promise<void> {
    this.#start = start
  }

  async load(start: number, end: number): Promise<void> {
    const into = this.bytes(start, end)
    let read = 0
    for await (const chunk of await this.#content.open({ start, end })) {
      into.set(chunk, read)
      read += chunk.byteLength
    }
    if (read !== into.byteLength) {
      throw new TillsafeError(
        'source.unreadable',
        `the database ended at ${start + read} of ${this.#content.bytes} bytes`,
      )
    }
    this.#note(start, into)
  }

  bytes(start: number, end: number): Buffer {
    return this.#buffer.subarray(start - this.#start, end - this.#start)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #note(start: number, bytes: Buffer): void {
    const { pageBytes } = this.#changes.map
    for (let offset = 0; offset < bytes.byteLength; offset += pageBytes) {
      const page = (start + offset) / pageBytes
      if (!this.#changes.notePage(page, bytes.subarray(offset, offset + pageBytes))) {
        throw new WrongPageList(page)
      }
    }
  }
}
