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

  /** Whether both rows have the same hash in this place. */
  equals(at: number, other: HashRow): boolean {
    return this.words[2 * at] === other.words[2 * at] && this.words[2 * at + 1] === other.words[2 * at + 1]
  }

  /** Whether these bytes have the hash of this place. */
  isOf(at: number, bytes: Buffer): boolean {
    const hash = fastHash(bytes)
    return this.words[2 * at] === hash.readUInt32LE(0) && this.words[2 * at + 1] === hash.readUInt32LE(4)
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
