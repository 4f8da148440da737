import type { Content } from '../../../snapshot/content.ts'
import { BLOCK_BYTES } from './page-bytes.ts'
import type { PageChanges } from './page-changes.ts'
import { type PageReader, WINDOW_BYTES } from './page-reader.ts'
import { SequentialBytes } from './sequential-bytes.ts'

/** Reads all of a database and compares it with the former map, block by block. */
export class ScannedPages implements PageReader {
  readonly #stream: SequentialBytes
  readonly #changes: PageChanges
  readonly #bytes: number
  // A window may end within a block, and all of this block is read.
  readonly #buffer: Buffer
  /** Where the buffer begins and ends in the database, and what is not compared yet: a border of blocks. */
  #start = 0
  #end = 0
  #compared = 0

  constructor(content: Content, changes: PageChanges) {
    this.#stream = new SequentialBytes(content)
    this.#changes = changes
    this.#bytes = content.bytes
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW_BYTES + BLOCK_BYTES, content.bytes))
  }

  async look(start: number, end: number): Promise<void> {
    this.#buffer.copyWithin(0, start - this.#start, this.#end - this.#start)
    this.#start = start
    const wanted = Math.min(this.#bytes, Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES)
    while (this.#end < wanted) {
      this.#end += await this.#stream.readInto(
        this.#buffer.subarray(this.#end - this.#start, wanted - this.#start),
        (bytes) => this.#compareUpTo(this.#end + bytes),
      )
    }
  }

  async load(): Promise<void> {}

  bytes(start: number, end: number): Buffer {
    return this.#buffer.subarray(start - this.#start, end - this.#start)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream[Symbol.asyncDispose]()
  }

  /** While the bytes are still in the processor's cache, and the next ones are on their way. */
  #compareUpTo(end: number): void {
    while (this.#compared < end) {
      const blockEnd = Math.min(this.#bytes, this.#compared + BLOCK_BYTES)
      if (blockEnd > end) {
        return
      }
      this.#changes.compareBlock(this.#compared / BLOCK_BYTES, this.bytes(this.#compared, blockEnd))
      this.#compared = blockEnd
    }
  }
}
