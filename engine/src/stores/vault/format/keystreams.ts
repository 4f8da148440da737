import { type Cipheriv, createCipheriv } from 'node:crypto'

const BLOCK_BYTES = 16

/**
 * What AES-256-CTR adds to many short messages: the counters of all of them are encrypted in one go, since making a cipher for
 * each takes longer than encrypting a page. Source: NIST SP 800-38A, 6.5.
 */
export class Keystreams {
  readonly #cipher: Cipheriv
  readonly #counters: Buffer<ArrayBuffer>
  readonly #view: DataView
  #filled = 0

  /** `room` is a multiple of 16. */
  constructor(key: Uint8Array, room: number) {
    this.#cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
    this.#counters = Buffer.from(new ArrayBuffer(room))
    this.#view = new DataView(this.#counters.buffer)
  }

  /** Bytes that are asked for so far. */
  get bytes(): number {
    return this.#filled
  }

  hasRoomFor(bytes: number): boolean {
    return this.#filled + bytes <= this.#counters.byteLength
  }

  /** Asks for the stream of a message whose IV lies there: it follows those that were asked for before, in whole blocks. */
  add(sealed: Buffer, iv: number, bytes: number): void {
    const view = this.#view
    let w0 = sealed.readInt32BE(iv)
    let w1 = sealed.readInt32BE(iv + 4)
    let w2 = sealed.readInt32BE(iv + 8)
    let w3 = sealed.readInt32BE(iv + 12)
    const end = this.#filled + blocksBytes(bytes)
    for (let position = this.#filled; position < end; position += BLOCK_BYTES) {
      view.setInt32(position, w0)
      view.setInt32(position + 4, w1)
      view.setInt32(position + 8, w2)
      view.setInt32(position + 12, w3)
      w3 = (w3 + 1) | 0
      if (w3 === 0) {
        w2 = (w2 + 1) | 0
        w1 = w2 === 0 ? (w1 + 1) | 0 : w1
        w0 = w2 === 0 && w1 === 0 ? (w0 + 1) | 0 : w0
      }
    }
    this.#filled = end
  }

  /** The streams that were asked for, one behind the other. */
  take(): Buffer {
    const streams = this.#cipher.update(this.#counters.subarray(0, this.#filled))
    this.#filled = 0
    return streams
  }
}

/** Bytes of the blocks that a message takes. */
export function blocksBytes(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}
