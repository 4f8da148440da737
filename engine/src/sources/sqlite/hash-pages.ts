import { createHash } from 'node:crypto'
import { fstatSync, readSync } from 'node:fs'
import { lockPage, readDatabaseHeader } from './database-header.ts'

const CHUNK_BYTES = 1024 * 1024

/**
 * The bytes of the header that change with the journal mode (versions, change counter, version-valid-for, writer) and
 * in a copy made by the engine's own backup (schema cookie). Whatever a till commits changes other bytes too.
 */
const VOLATILE = [
  [18, 20],
  [24, 28],
  [40, 44],
  [92, 100],
] as const

/**
 * The SHA-256 of a database that needs no WAL, over the bytes that a snapshot of it would have, with what the journal
 * mode changes in the header taken from `expectedHeader`: equal before and after the mode was changed, unequal once any page
 * has changed.
 */
export function hashPages(descriptor: number, expectedHeader: Buffer): string | undefined {
  const header = readDatabaseHeader(descriptor)
  if (header === undefined) {
    return undefined
  }
  const pages = header.pages || Math.floor(fstatSync(descriptor).size / header.pageSize)
  const lockAt = (lockPage(header.pageSize) - 1) * header.pageSize
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = 0; at < pages * header.pageSize; ) {
    const chunk = buffer.subarray(0, Math.min(CHUNK_BYTES, pages * header.pageSize - at))
    const read = readSync(descriptor, chunk, 0, chunk.byteLength, at)
    if (read === 0) {
      return undefined
    }
    if (at === 0) {
      for (const [from, to] of VOLATILE) {
        expectedHeader.copy(chunk, from, from, to)
      }
    }
    // A chunk begins at a multiple of its size, and so does 1 GiB: the lock page is the beginning of a chunk.
    if (at === lockAt) {
      chunk.fill(0, 0, header.pageSize)
    }
    hash.update(chunk.subarray(0, read))
    at += read
  }
  return hash.digest('hex')
}
