import { TillsafeError } from '../../../model/tillsafe-error.ts'
import type { Content } from '../../../snapshot/content.ts'

type Chunk = IteratorResult<Uint8Array>

/** A content read in order into memory of our own. While a part is worked on, the next chunk is already asked for. */
export class SequentialBytes implements AsyncDisposable {
  readonly #content: Content
  #chunks: AsyncIterator<Uint8Array> | undefined
  #asked: Promise<Chunk> | undefined
  #rest: Uint8Array = new Uint8Array(0)
  #read = 0

  constructor(content: Content) {
    this.#content = content
  }

  /** Fills the beginning of `into` with what comes next; `use` runs before anything else is waited for. Gives how many bytes. */
  async readInto(into: Buffer, use: (bytes: number) => void): Promise<number> {
    if (this.#rest.byteLength === 0) {
      this.#rest = await this.#nextChunk()
    }
    const bytes = Math.min(into.byteLength, this.#rest.byteLength)
    into.set(this.#rest.subarray(0, bytes))
    this.#rest = this.#rest.subarray(bytes)
    this.#read += bytes
    if (this.#rest.byteLength === 0 && this.#read < this.#content.bytes) {
      this.#ask()
    }
    use(bytes)
    return bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asked?.catch(() => undefined)
    await this.#chunks?.return?.()
  }

  async #nextChunk(): Promise<Uint8Array> {
    this.#chunks ??= (await this.#content.open())[Symbol.asyncIterator]()
    const { done, value } = await (this.#asked ?? this.#chunks.next())
    this.#asked = undefined
    if (done) {
      throw new TillsafeError(
        'source.unreadable',
        `the database ended after ${this.#read} of ${this.#content.bytes} bytes`,
      )
    }
    return value.byteLength > this.#content.bytes - this.#read
      ? value.subarray(0, this.#content.bytes - this.#read)
      : value
  }

  #ask(): void {
    this.#asked = this.#chunks?.next()
    this.#asked?.catch(() => undefined) // whoever waits for it is told
  }
}
