import { readSync } from 'node:fs'

/** The first 100 bytes of a SQLite file, as far as a copy needs them: https://sqlite.org/fileformat2.html §1.3. */
export interface DatabaseHeader {
  readonly pageSize: number
  readonly walMode: boolean
  /** Rises with each commit in rollback-journal mode; in WAL mode it says nothing. */
  readonly changeCounter: number
  /** Pages of the database, or 0 when an old writer left it out and the file's length decides. */
  readonly pages: number
}

const HEADER_BYTES = 100
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/** The header in the first bytes of a file; undefined when this is not a plain SQLite database. */
function parseDatabaseHeader(bytes: Buffer): DatabaseHeader | undefined {
  if (bytes.byteLength < HEADER_BYTES || !bytes.subarray(0, MAGIC.byteLength).equals(MAGIC)) {
    return undefined
  }
  const size = bytes.readUInt16BE(16)
  const pageSize = size === 1 ? 65_536 : size
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
    return undefined
  }
  const changeCounter = bytes.readUInt32BE(24)
  const pagesAreValid = bytes.readUInt32BE(92) === changeCounter
  return {
    pageSize,
    walMode: bytes[19] === 2,
    changeCounter,
    pages: pagesAreValid ? bytes.readUInt32BE(28) : 0,
  }
}

/** Reads the header through an open descriptor. */
export function readDatabaseHeader(descriptor: number): DatabaseHeader | undefined {
  const bytes = Buffer.alloc(HEADER_BYTES)
  const read = readSync(descriptor, bytes, 0, HEADER_BYTES, 0)
  return parseDatabaseHeader(bytes.subarray(0, read))
}

/** The page that holds the byte where SQLite locks (1 GiB): never used, and unreadable on Windows while locked. */
export function lockPage(pageSize: number): number {
  return Math.floor(0x4000_0000 / pageSize) + 1
}
