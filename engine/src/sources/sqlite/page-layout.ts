import { readSync } from 'node:fs'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { lockPage } from './database-header.ts'
import type { WalPages } from './wal-frames.ts'

/** Where the pages of one committed state lie. The descriptors stay open until the connection that pins it is closed. */
export interface PageLayout {
  readonly database: number
  readonly wal: number
  readonly walPages: WalPages
  readonly pageSize: number
  readonly pages: number
}

/** Reads the pages from `first` on, counted from 1, as many as fit into a buffer of whole pages. */
export function readPages(layout: PageLayout, first: number, into: Buffer): void {
  const { database, pageSize } = layout
  const filled = readUpTo(database, into, (first - 1) * pageSize)
  for (let at = 0; at < into.byteLength; at += pageSize) {
    settlePage(layout, first + at / pageSize, into.subarray(at, at + pageSize), filled >= at + pageSize)
  }
}

/** The WAL's version of a page wins: while a checkpoint runs, the file's may be half written. */
function settlePage(
  { wal, walPages, pageSize, pages }: PageLayout,
  page: number,
  bytes: Buffer,
  inFile: boolean,
): void {
  const at = walPages.get(page)
  if (page === lockPage(pageSize)) {
    bytes.fill(0)
  } else if (at !== undefined) {
    if (readUpTo(wal, bytes, at) < bytes.byteLength) {
      throw new TillsafeError('source.damaged', `page ${page} of ${pages} is missing: its WAL is cut short`)
    }
  } else if (!inFile) {
    throw new TillsafeError('source.damaged', `page ${page} of ${pages} is missing: the database file is cut short`)
  }
}

function readUpTo(descriptor: number, into: Buffer, position: number): number {
  let done = 0
  while (done < into.byteLength) {
    const read = readSync(descriptor, into, done, into.byteLength - done, position + done)
    if (read === 0) {
      break
    }
    done += read
  }
  return done
}
