import { fastHash, HashRow } from './hash-row.ts'
import { isPageSize } from './page-bytes.ts'

const MAGIC = Buffer.from('TSPGMAP2', 'latin1')
const SNAPSHOT_BYTES = 32
/** Magic, snapshot, bytes of a page (4), bytes of the database (8). */
const HEADER_BYTES = MAGIC.byteLength + SNAPSHOT_BYTES + 12
const CHECKSUM_BYTES = 8
const HASH_BYTES = 8

/**
 * Fast hashes of a database's pages. Compared with those of another day, they tell which pages have changed. Encoded, a map
 * carries its own checksum.
 */
export class PageMap {
  /** The bytes of a page, see `pageBytesOf`; the last page may be shorter. */
  readonly pageBytes: number
  readonly bytes: number
  readonly hashes: HashRow
  /** The SHA-256 that names the snapshot of a vault that has these pages, in hex; empty as long as none does. */
  readonly snapshot: string

  constructor(pageBytes: number, bytes: number, hashes?: HashRow, snapshot = '') {
    this.pageBytes = pageBytes
    this.bytes = bytes
    this.hashes = hashes ?? new HashRow(Math.ceil(bytes / pageBytes))
    this.snapshot = snapshot
  }

  get pages(): number {
    return this.hashes.length
  }

  /** The map as a file, for the snapshot that it belongs to. */
  encode(snapshot: string = this.snapshot): Buffer {
    const bytes = Buffer.alloc(encodedBytes(this.pages))
    MAGIC.copy(bytes)
    bytes.write(snapshot, MAGIC.byteLength, SNAPSHOT_BYTES, 'hex')
    bytes.writeUInt32LE(this.pageBytes, HEADER_BYTES - 12)
    bytes.writeBigUInt64LE(BigInt(this.bytes), HEADER_BYTES - 8)
    const end = this.hashes.writeTo(bytes, HEADER_BYTES)
    fastHash(bytes.subarray(0, end)).copy(bytes, end)
    return bytes
  }

  /** What `encode` made; undefined for anything else, also where a single bit has changed. */
  static decode(bytes: Uint8Array): PageMap | undefined {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (!isWhole(file)) {
      return undefined
    }
    const snapshot = file.toString('hex', MAGIC.byteLength, MAGIC.byteLength + SNAPSHOT_BYTES)
    const pageBytes = file.readUInt32LE(HEADER_BYTES - 12)
    const length = Number(file.readBigUInt64LE(HEADER_BYTES - 8))
    const pages = Math.ceil(length / pageBytes)
    if (!isPageSize(pageBytes) || file.byteLength !== encodedBytes(pages)) {
      return undefined
    }
    return new PageMap(pageBytes, length, HashRow.readFrom(file, HEADER_BYTES, pages), snapshot)
  }
}

function isWhole(file: Buffer): boolean {
  const end = file.byteLength - CHECKSUM_BYTES
  return (
    end >= HEADER_BYTES &&
    file.subarray(0, MAGIC.byteLength).equals(MAGIC) &&
    fastHash(file.subarray(0, end)).equals(file.subarray(end))
  )
}

function encodedBytes(pages: number): number {
  return HEADER_BYTES + pages * HASH_BYTES + CHECKSUM_BYTES
}
