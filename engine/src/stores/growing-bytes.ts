import { TillsafeError } from '../model/tillsafe-error.ts'
import type { Content } from '../snapshot/content.ts'
import { smallChunks } from './small-chunks.ts'

const STEP_BYTES = 1024 * 1024

/**
 * Bytes that are put together piece by piece, in one place from the first on: they take the room of their bytes, and
 * nothing is copied while they grow. Error: `file.over-limit` when there would be more than `mostBytes`.
 */
export class GrowingBytes {
  readonly #name: string
  readonly #memory: ArrayBuffer
  #length = 0

  /** `name` is how a person knows what they become. */
  constructor(name: string, mostBytes: number) {
    this.#name = name
    this.#memory = new ArrayBuffer(0, { maxByteLength: mostBytes })
  }

  /** A view of them; what is added later is not in it. */
  get bytes(): Buffer {
    return Buffer.from(this.#memory, 0, this.#length)
  }

  /** As they are now. */
  get content(): Content {
    const { bytes } = this
    return {
      bytes: bytes.byteLength,
      async open({ start, end } = { start: 0, end: bytes.byteLength }) {
        return smallChunks(bytes.subarray(start, end))
      },
    }
  }

  add(piece: string | Uint8Array): void {
    const added = Buffer.from(piece)
    this.#makeRoom(added.byteLength)
    new Uint8Array(this.#memory).set(added, this.#length)
    this.#length += added.byteLength
  }

  addBefore(piece: string): void {
    const added = Buffer.from(piece)
    this.#makeRoom(added.byteLength)
    const memory = new Uint8Array(this.#memory)
    memory.copyWithin(added.byteLength, 0, this.#length)
    memory.set(added)
    this.#length += added.byteLength
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes
    const { byteLength, maxByteLength } = this.#memory
    if (needed > maxByteLength) {
      throw new TillsafeError('file.over-limit', `${this.#name} would have more than ${maxByteLength} bytes`, {
        hint: 'There are more images than a backup has room for: move those that are not needed to another folder.',
      })
    }
    if (needed > byteLength) {
      this.#memory.resize(Math.min(maxByteLength, needed + STEP_BYTES))
    }
  }
}
