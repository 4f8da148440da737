import { PageMap } from './page-map.ts'

/** Makes the page map of a database whose bytes come in order, in chunks of any length. */
export class PageMapper {
  readonly #map: PageMap
  /** A page of which only the beginning has come. */
  readonly #part: Buffer
  #filled = 0
  #pages = 0

  constructor(pageBytes: number, bytes: number) {
    this.#map = new PageMap(pageBytes, bytes)
    this.#part = Buffer.alloc(pageBytes)
  }

  /** Takes the next bytes. */
  add(bytes: Buffer): void {
    let at = this.#filled === 0 ? 0 : this.#fill(bytes)
    const { byteLength } = this.#part
    for (; at + byteLength <= bytes.byteLength; at += byteLength) {
      this.#note(bytes.subarray(at, at + byteLength))
    }
    if (at < bytes.byteLength) {
      this.#fill(bytes.subarray(at))
    }
  }

  /** The map. Throws when more or fewer bytes have come than were announced. */
  finish(): PageMap {
    if (this.#filled > 0) {
      this.#note(this.#part.subarray(0, this.#filled))
    }
    if (this.#pages !== this.#map.pages) {
      throw new Error(`a database of ${this.#map.bytes} bytes has ${this.#map.pages} pages, and ${this.#pages} came`)
    }
    return this.#map
  }

  /** Completes the page in work as far as these bytes go; gives how many were taken. */
  #fill(bytes: Buffer): number {
    const taken = bytes.copy(this.#part, this.#filled)
    this.#filled += taken
    if (this.#filled === this.#part.byteLength) {
      this.#note(this.#part)
      this.#filled = 0
    }
    return taken
  }

  #note(page: Buffer): void {
    if (this.#pages < this.#map.pages) {
      this.#map.hashes.set(this.#pages, page)
    }
    this.#pages += 1
  }
}
