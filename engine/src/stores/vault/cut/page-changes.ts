import { BLOCK_BYTES } from './page-bytes.ts'
import type { PageMap } from './page-map.ts'

/** Which pages have changed since the former map, and the new map, as far as either is known. */
export class PageChanges {
  /** By page, from 0: 1 where it is new or has changed. */
  readonly changed: Uint8Array
  readonly map: PageMap
  readonly #former: PageMap | undefined
  /** What lies behind this is new, however it looks: the former database ended there, or ended within. */
  readonly #comparablePages: number
  readonly #comparableBlocks: number

  constructor(map: PageMap, former?: PageMap) {
    this.map = map
    this.#former = former
    this.#comparablePages = former === undefined ? 0 : comparable(map.bytes, former.bytes, map.pageBytes)
    this.#comparableBlocks = former === undefined ? 0 : comparable(map.bytes, former.bytes, BLOCK_BYTES)
    this.changed = new Uint8Array(map.pages).fill(1, this.#comparablePages)
    if (former !== undefined) {
      map.pageHashes.take(former.pageHashes, this.#comparablePages)
      map.blockHashes.take(former.blockHashes, this.#comparableBlocks)
    }
  }

  /** Looks at a whole block; at its pages only when it differs. */
  compareBlock(block: number, bytes: Buffer): void {
    const { map } = this
    map.blockHashes.set(block, bytes)
    const former = this.#former
    if (former !== undefined && block < this.#comparableBlocks && map.blockHashes.equals(block, former.blockHashes)) {
      return
    }
    const first = (block * BLOCK_BYTES) / map.pageBytes
    for (let offset = 0; offset < bytes.byteLength; offset += map.pageBytes) {
      this.#comparePage(first + offset / map.pageBytes, bytes.subarray(offset, offset + map.pageBytes))
    }
  }

  /** Takes a page's word for it that it has changed; its block is unknown until somebody looks at the whole. */
  markChanged(page: number): void {
    this.changed[page] = 1
    this.map.blockHashes.clear(Math.floor((page * this.map.pageBytes) / BLOCK_BYTES))
  }

  /** Notes a page's hash; false when the page was said not to have changed and has. */
  notePage(page: number, bytes: Buffer): boolean {
    const { pageHashes } = this.map
    pageHashes.set(page, bytes)
    return this.changed[page] === 1 || this.#former === undefined || pageHashes.equals(page, this.#former.pageHashes)
  }

  #comparePage(page: number, bytes: Buffer): void {
    const { pageHashes } = this.map
    pageHashes.set(page, bytes)
    const isSame =
      this.#former !== undefined && page < this.#comparablePages && pageHashes.equals(page, this.#former.pageHashes)
    this.changed[page] = isSame ? 0 : 1
  }
}

/** How many parts two databases can have in common: the last, shorter one only when they are of the same length. */
function comparable(bytes: number, formerBytes: number, partBytes: number): number {
  return bytes === formerBytes ? Math.ceil(bytes / partBytes) : Math.floor(Math.min(bytes, formerBytes) / partBytes)
}
