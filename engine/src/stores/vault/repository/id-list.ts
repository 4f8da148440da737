import { ID_BYTES } from '../format/blob-id.ts'

/** Ids in order, 32 bytes each, some of which become known later. */
export class IdList {
  #bytes: Buffer = Buffer.alloc(64 * ID_BYTES)
  #filled = 0

  /** The list, once all that was reserved has been told. A view. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#filled)
  }

  addAll(ids: Uint8Array): void {
    this.#makeRoom(ids.byteLength)
    this.#bytes.set(ids, this.#filled)
    this.#filled += ids.byteLength
  }

  /** Keeps a place for one id, told later. */
  reserve(): (id: Uint8Array) => void {
    this.#makeRoom(ID_BYTES)
    const position = this.#filled
    this.#filled += ID_BYTES
    return (id) => this.#bytes.set(id, position)
  }

  #makeRoom(bytes: number): void {
    if (this.#filled + bytes > this.#bytes.byteLength) {
      const larger = Buffer.alloc(Math.max(2 * this.#bytes.byteLength, this.#filled + bytes))
      this.#bytes.copy(larger, 0, 0, this.#filled)
      this.#bytes = larger
    }
  }
}
