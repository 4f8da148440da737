import { readSync } from 'node:fs'
import type { PageCipher } from './page-cipher.ts'
import { readSettled } from './read-settled.ts'

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

/** Reads the header through an open descriptor; that of an encrypted database with its cipher. */
export function readDatabaseHeader(descriptor: number, cipher?: PageCipher): DatabaseHeader | undefined {
  if (cipher === undefined) {
    return parseDatabaseHeader(readStart(descriptor, HEADER_BYTES))
  }
  const page = readSettled(
    () => readStart(descriptor, cipher.pageSize),
    (bytes) => (bytes.byteLength === cipher.pageSize ? cipher.decrypt(bytes, 1) : undefined),
  )
  return page && parseDatabaseHeader(page)
}

function readStart(descriptor: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0))
}

/** The page that holds the byte where SQLite locks (1 GiB): never used, and unreadable on Windows while locked. */
export function lockPage(pageSize: number): number {
  return Math.floor(0x4000_0000 / pageSize) + 1
}
