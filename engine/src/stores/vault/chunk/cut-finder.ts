import { type RabinTable, WINDOW_BYTES } from './rabin-table.ts'

const SMALLEST_CHUNK_BYTES = 512 * 1024
export const LARGEST_CHUNK_BYTES: number = 8 * 1024 * 1024

/** A cut is where these bits of the fingerprint are zero: one place in 2^20. */
const CUT_BITS = 0xfffff

/**
 * Finds where a chunk ends, while its bytes arrive: behind the first window, from the smallest size on, whose fingerprint
 * ends in 20 zero bits, or at the largest size. What stands before the window of the smallest size doesn't matter and is
 * not looked at.
 */
export class CutFinder {
  readonly #table: RabinTable
  /** The fingerprint of the window before `#position`: its upper 21 bits, its lower 32. */
  #high = 0
  #low = 0
  #position = 0

  constructor(table: RabinTable) {
    this.#table = table
  }

  /**
   * How many bytes the chunk has; undefined while it has not ended. `bytes` begins with the chunk, whose first `filled`
   * bytes have arrived: those of the call before, and more. Once it has ended, the next one begins.
   */
  find(bytes: Uint8Array, filled: number): number | undefined {
    const end = Math.min(filled, LARGEST_CHUNK_BYTES)
    if (end < SMALLEST_CHUNK_BYTES) {
      return undefined
    }
    if (this.#position === 0) {
      this.#fillWindow(bytes)
    }
    const isCut = this.#isCut() || this.#rollTo(end, bytes)
    if (!isCut && end < LARGEST_CHUNK_BYTES) {
      return undefined
    }
    const found = this.#position
    this.#position = 0
    return found
  }

  #isCut(): boolean {
    return (this.#low & CUT_BITS) === 0
  }

  #fillWindow(bytes: Uint8Array): void {
    const table = this.#table
    let high = 0
    let low = 0
    for (let i = SMALLEST_CHUNK_BYTES - WINDOW_BYTES; i < SMALLEST_CHUNK_BYTES; i += 1) {
      const above = (high >>> 11) & 0x3fc
      high = (high << 8) ^ (low >>> 24) ^ (table[above] as number)
      low = (low << 8) ^ (bytes[i] as number) ^ (table[above + 1] as number)
    }
    this.#high = high
    this.#low = low
    this.#position = SMALLEST_CHUNK_BYTES
  }

  /** Rolls on to the next cut, but not beyond `end`; whether there is one. Every byte comes through this loop. */
  #rollTo(end: number, bytes: Uint8Array): boolean {
    const table = this.#table
    let high = this.#high
    let low = this.#low
    let i = this.#position
    let isCut = false
    while (i < end && !isCut) {
      const above = (high >>> 11) & 0x3fc
      const leaving = ((bytes[i - WINDOW_BYTES] as number) << 2) + 2
      high = (high << 8) ^ (low >>> 24) ^ (table[above] as number) ^ (table[leaving] as number)
      low = (low << 8) ^ (bytes[i] as number) ^ (table[above + 1] as number) ^ (table[leaving + 1] as number)
      isCut = (low & CUT_BITS) === 0
      i += 1
    }
    this.#high = high
    this.#low = low
    this.#position = i
    return isCut
  }
}
