import { createHash } from 'node:crypto'
import { fstatSync, readSync } from 'node:fs'
import { type DatabaseHeader, lockPage, readDatabaseHeader } from './database-header.ts'
import type { PageCipher } from './page-cipher.ts'

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
  const hash = createHash('sha256')
  const read = readPages(descriptor, readDatabaseHeader(descriptor), (chunk, at) => {
    if (at === 0) {
      for (const [from, to] of VOLATILE) {
        expectedHeader.copy(chunk, from, from, to)
      }
    }
    hash.update(chunk)
  })
  return read ? hash.digest('hex') : undefined
}

/**
 * The same for an encrypted database: a keyed hash of what its pages hold, without what the journal mode changes in the
 * header. Each writing of a page, a checkpoint too, encrypts it anew: of a page that nobody changed, the bytes differ.
 */
export function hashContent(descriptor: number, cipher: PageCipher): string | undefined {
  const hash = cipher.hash()
  const { pageSize } = cipher
  const read = readPages(descriptor, readDatabaseHeader(descriptor, cipher), (chunk, at) => {
    for (let offset = 0; offset < chunk.byteLength; offset += pageSize) {
      const page = chunk.subarray(offset, offset + pageSize)
      for (const part of contentOf(page, (at + offset) / pageSize + 1, cipher)) {
        hash.update(part)
      }
    }
  })
  return read ? hash.digest('hex') : undefined
}

/** A page that nobody can read counts with the bytes that it has: the lock page, a free one that was never written. */
function contentOf(page: Buffer, number: number, cipher: PageCipher): readonly [kind: string, bytes: Buffer] {
  const content = cipher.decrypt(page, number)
  if (content === undefined) {
    return ['raw', page]
  }
  for (const [from, to] of number === 1 ? VOLATILE : []) {
    content.fill(0, from, to)
  }
  return ['content', content]
}

/** Gives all pages in chunks, each with its place; false when this is no database, or cut short. */
function readPages(
  descriptor: number,
  header: DatabaseHeader | undefined,
  use: (chunk: Buffer, at: number) => void,
): boolean {
  if (header === undefined) {
    return false
  }
  const { pageSize } = header
  const bytes = (header.pages || Math.floor(fstatSync(descriptor).size / pageSize)) * pageSize
  const lockAt = (lockPage(pageSize) - 1) * pageSize
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const chunk = buffer.subarray(0, Math.min(CHUNK_BYTES, bytes - at))
    if (!readWhole(descriptor, chunk, at)) {
      return false
    }
    // A chunk begins at a multiple of its size, and so does 1 GiB: the lock page is the beginning of a chunk.
    if (at === lockAt) {
      chunk.fill(0, 0, pageSize)
    }
    use(chunk, at)
  }
  return true
}

function readWhole(descriptor: number, into: Buffer, at: number): boolean {
  for (let done = 0; done < into.byteLength; ) {
    const read = readSync(descriptor, into, done, into.byteLength - done, at + done)
    if (read === 0) {
      return false
    }
    done += read
  }
  return true
}
