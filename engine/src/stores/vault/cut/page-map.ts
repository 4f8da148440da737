import { fastHash, HashRow } from './hash-row.ts'
import { BLOCK_BYTES, isPageSize } from './page-bytes.ts'

const MAGIC = Buffer.from('TSPGMAP1', 'latin1')
const SNAPSHOT_BYTES = 32
/** Magic, snapshot, bytes of a page (4), bytes of the database (8). */
const HEADER_BYTES = MAGIC.byteLength + SNAPSHOT_BYTES + 12
const CHECKSUM_BYTES = 8
const HASH_BYTES = 8

/**
 * Fast hashes of a database's pages and of its blocks, as they were cut into one snapshot. A hint: compared, never
 * trusted to be there. Encoded, it carries its own checksum.
 */
export class PageMap {
  /** The bytes of a page, see `pageBytesOf`; the last page may be shorter. */
  readonly pageBytes: number
  readonly bytes: number
  readonly pageHashes: HashRow
  readonly blockHashes: HashRow
  /** The SHA-256 that names the snapshot, in hex; empty as long as none does. */
  readonly snapshot: string

  constructor(pageBytes: number, bytes: number, rows?: { pages: HashRow; blocks: HashRow }, snapshot = '') {
    this.pageBytes = pageBytes
    this.bytes = bytes
    this.pageHashes = rows?.pages ?? new HashRow(Math.ceil(bytes / pageBytes))
    this.blockHashes = rows?.blocks ?? new HashRow(Math.ceil(bytes / BLOCK_BYTES))
    this.snapshot = snapshot
  }

  get pages(): number {
    return this.pageHashes.length
  }

  /** The map as a file, for the snapshot that it belongs to. */
  encode(snapshot: string = this.snapshot): Buffer {
    const bytes = Buffer.alloc(encodedBytes(this.pages, this.blockHashes.length))
    MAGIC.copy(bytes)
    bytes.write(snapshot, MAGIC.byteLength, SNAPSHOT_BYTES, 'hex')
    bytes.writeUInt32LE(this.pageBytes, HEADER_BYTES - 12)
    bytes.writeBigUInt64LE(BigInt(this.bytes), HEADER_BYTES - 8)
    const end = this.pageHashes.writeTo(bytes, this.blockHashes.writeTo(bytes, HEADER_BYTES))
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
    const blocks = Math.ceil(length / BLOCK_BYTES)
    if (!isPageSize(pageBytes) || file.byteLength !== encodedBytes(pages, blocks)) {
      return undefined
    }
    const rows = {
      blocks: HashRow.readFrom(file, HEADER_BYTES, blocks),
      pages: HashRow.readFrom(file, HEADER_BYTES + blocks * HASH_BYTES, pages),
    }
    return new PageMap(pageBytes, length, rows, snapshot)
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

function encodedBytes(pages: number, blocks: number): number {
  return HEADER_BYTES + (pages + blocks) * HASH_BYTES + CHECKSUM_BYTES
}
