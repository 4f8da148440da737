import { createHash } from 'node:crypto'
import type { Content } from '../snapshot/content.ts'

/** A content whose SHA-256 is known once it has been read to its end. */
export class HashedContent implements Content {
  readonly bytes: number
  readonly #content: Content
  #sha256: string | undefined

  constructor(content: Content) {
    this.bytes = content.bytes
    this.#content = content
  }

  /** Of the last time it was read; undefined when it never came to its end. */
  get sha256(): string | undefined {
    return this.#sha256
  }

  async open(): Promise<AsyncIterable<Uint8Array>> {
    return this.#hashed(await this.#content.open())
  }

  async *#hashed(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256')
    for await (const chunk of stream) {
      hash.update(chunk)
      yield chunk
    }
    this.#sha256 = hash.digest('hex')
  }
}
