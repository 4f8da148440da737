/** Takes a stream in the pieces that a format has. */
export class ByteIntake implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>
  /** What came and is not taken yet. */
  #rest: Uint8Array = new Uint8Array()
  #ended = false

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** Fills `room` with the next bytes, and returns what was filled: less at the end of the stream. */
  async fill(room: Buffer): Promise<Buffer> {
    let length = 0
    while (length < room.byteLength && !(await this.isAtEnd())) {
      const piece = this.#rest.subarray(0, room.byteLength - length)
      room.set(piece, length)
      length += piece.byteLength
      this.#rest = this.#rest.subarray(piece.byteLength)
    }
    return room.subarray(0, length)
  }

  /** The next line with its line feed; without one at the end of the stream, or when it is longer than `most` bytes. */
  async takeLine(most: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let left = most; left > 0 && !(await this.isAtEnd()); ) {
      const end = this.#rest.indexOf(LINE_FEED) + 1
      const piece = await this.fill(Buffer.alloc(Math.min(left, end || this.#rest.byteLength)))
      pieces.push(piece)
      left -= piece.byteLength
      if (piece.at(-1) === LINE_FEED) {
        break
      }
    }
    return Buffer.concat(pieces)
  }

  async isAtEnd(): Promise<boolean> {
    while (!this.#ended && this.#rest.byteLength === 0) {
      const next = await this.#chunks.next()
      this.#ended = next.done === true
      this.#rest = next.done === true ? this.#rest : next.value
    }
    return this.#rest.byteLength === 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.()
  }
}

const LINE_FEED = 0x0a
