import { createHash } from 'node:crypto'
import type { Content, Range } from '../../../snapshot/content.ts'

/** A content that is read once, from its beginning, and hashed on its way. */
export class HashedOnce implements Content {
  readonly bytes: number
  readonly #content: Content
  readonly #hash = createHash('sha256')
  #hashed = 0

  constructor(content: Content) {
    this.bytes = content.bytes
    this.#content = content
  }

  /** Of what was read. Throws when that is not all. */
  get sha256(): string {
    if (this.#hashed !== this.bytes) {
      throw new Error(`${this.#hashed} of ${this.bytes} bytes were read`)
    }
    return this.#hash.copy().digest('hex')
  }

  async open(range?: Range): Promise<AsyncIterable<Uint8Array>> {
    const stream = await this.#content.open(range)
    return range === undefined ? this.#updating(stream) : stream
  }

  async *#updating(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      this.#hash.update(chunk)
      this.#hashed += chunk.byteLength
      yield chunk
    }
  }
}
