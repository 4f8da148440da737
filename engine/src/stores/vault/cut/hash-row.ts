import xxhash from 'xxhash-addon'

const BYTES_EACH = 8

/** Fast hashes (xxh3, 8 bytes each) in a row, without an object for each. They notice accidents, not attackers. */
export class HashRow {
  readonly words: Uint32Array

  constructor(count: number, words: Uint32Array = new Uint32Array(2 * count)) {
    this.words = words
  }

  get length(): number {
    return this.words.length / 2
  }

  /** Writes a hash into its place. */
  set(at: number, bytes: Buffer): void {
    const hash = fastHash(bytes)
    this.words[2 * at] = hash.readUInt32LE(0)
    this.words[2 * at + 1] = hash.readUInt32LE(4)
  }

  /** Forgets a hash: it equals none. */
  clear(at: number): void {
    this.words[2 * at] = 0
    this.words[2 * at + 1] = 0
  }

  /** Whether this place has a hash, and the other row has the same there. */
  equals(at: number, other: HashRow): boolean {
    const low = this.words[2 * at]
    const high = this.words[2 * at + 1]
    return low === other.words[2 * at] && high === other.words[2 * at + 1] && (low !== 0 || high !== 0)
  }

  /** Takes over the first hashes of another row. */
  take(other: HashRow, count: number): void {
    this.words.set(other.words.subarray(0, 2 * count))
  }

  /** Appends the row to bytes, from `offset`; gives the offset behind it. */
  writeTo(bytes: Buffer, offset: number): number {
    for (let n = 0; n < this.words.length; n += 1) {
      bytes.writeUInt32LE(this.words[n] ?? 0, offset + 4 * n)
    }
    return offset + BYTES_EACH * this.length
  }

  static readFrom(bytes: Buffer, offset: number, count: number): HashRow {
    const words = new Uint32Array(2 * count)
    for (let n = 0; n < words.length; n += 1) {
      words[n] = bytes.readUInt32LE(offset + 4 * n)
    }
    return new HashRow(count, words)
  }
}

/** xxh3, 64 bits. */
export function fastHash(bytes: Buffer): Buffer {
  return xxhash.XXHash3.hash(bytes)
}
