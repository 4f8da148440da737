import { fastHash, HashRow } from './hash-row.ts'
import { isPageSize } from './page-bytes.ts'

const MAGIC = Buffer.from('TSPGMAP2', 'latin1')
const NAME_BYTES = 32
const SNAPSHOT_AT = MAGIC.byteLength
const SHA256_AT = SNAPSHOT_AT + NAME_BYTES
/** Magic, snapshot, SHA-256, bytes of a page (4), bytes of the database (8). */
const HEADER_BYTES = SHA256_AT + NAME_BYTES + 12
const CHECKSUM_BYTES = 8
const HASH_BYTES = 8

/** What a map that is kept belongs to: names of 32 bytes, in hex. */
export interface MapOwner {
  /** The snapshot of a vault whose database has these pages. */
  readonly snapshot: string
  /** Of the database. */
  readonly sha256: string
}

const NOBODY: MapOwner = { snapshot: '', sha256: '' }

/**
 * Fast hashes of a database's pages. Compared with those of another day, they tell which pages have changed. Encoded, a map
 * carries its own checksum.
 */
export class PageMap {
  /** The bytes of a page, see `pageBytesOf`; the last page may be shorter. */
  readonly pageBytes: number
  readonly bytes: number
  readonly hashes: HashRow
  readonly owner: MapOwner

  constructor(pageBytes: number, bytes: number, hashes?: HashRow, owner: MapOwner = NOBODY) {
    this.pageBytes = pageBytes
    this.bytes = bytes
    this.hashes = hashes ?? new HashRow(Math.ceil(bytes / pageBytes))
    this.owner = owner
  }

  get pages(): number {
    return this.hashes.length
  }

  /** The map as a file, for whom it belongs to. */
  encode({ snapshot, sha256 }: MapOwner = this.owner): Buffer {
    const bytes = Buffer.alloc(encodedBytes(this.pages))
    MAGIC.copy(bytes)
    bytes.write(snapshot, SNAPSHOT_AT, NAME_BYTES, 'hex')
    bytes.write(sha256, SHA256_AT, NAME_BYTES, 'hex')
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
    const owner = {
      snapshot: file.toString('hex', SNAPSHOT_AT, SNAPSHOT_AT + NAME_BYTES),
      sha256: file.toString('hex', SHA256_AT, SHA256_AT + NAME_BYTES),
    }
    const pageBytes = file.readUInt32LE(HEADER_BYTES - 12)
    const length = Number(file.readBigUInt64LE(HEADER_BYTES - 8))
    const pages = Math.ceil(length / pageBytes)
    if (!isPageSize(pageBytes) || file.byteLength !== encodedBytes(pages)) {
      return undefined
    }
    return new PageMap(pageBytes, length, HashRow.readFrom(file, HEADER_BYTES, pages), owner)
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
