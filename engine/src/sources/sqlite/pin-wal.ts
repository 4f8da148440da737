import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Sqlite } from '../../work/sqlite.ts'
import { readDatabaseHeader } from './database-header.ts'
import { openLive } from './open-live.ts'
import type { PageCipher } from './page-cipher.ts'
import type { PageLayout } from './page-layout.ts'
import { readWalPages } from './wal-frames.ts'
import { readWalIndex, type WalIndex } from './wal-index.ts'

/** A committed state of a database in WAL mode, held by a read transaction: no checkpoint can pass it. */
export interface WalPin extends Disposable {
  readonly connection: Sqlite
  /** Where its pages lie; undefined when that can't be known for certain, and only the engine may read them. */
  readonly layout: PinnedLayout | undefined
}

/** The pages of a pinned state, and what tells that nobody has committed since. Plain data. */
export interface PinnedLayout extends PageLayout {
  /** A descriptor of the WAL's index, open as long as the pin. */
  readonly index: number
  /** What the index said when the state was pinned: see `WalIndex`. */
  readonly indexState: Uint8Array
  /** Frames that a checkpoint had put into the database file then. */
  readonly backfilled: number
}

const ATTEMPTS = 1000
const BUSY_MS = 5000

/**
 * Pins the newest committed state. The index is read before and after the transaction begins: when nothing changed in
 * between, it describes what the transaction sees. From then on, pages come from the frames up to its mark, and all
 * others from the database file, which a checkpoint may only bring up to that same mark.
 */
export function pinWal(file: string, database: number, cipher?: PageCipher): WalPin {
  const connection = openLive(file, BUSY_MS, cipher)
  const descriptors: number[] = []
  const pin = {
    connection,
    [Symbol.dispose]() {
      // First the connection, then the descriptors: closing one of them drops the connection's locks.
      connection.close()
      descriptors.forEach(closeSync)
    },
  }
  try {
    connection.prepare('SELECT count(*) FROM sqlite_schema').get() // makes -wal and -shm when they are not there
    const index = openTracked(`${file}-shm`, descriptors)
    const wal = openTracked(`${file}-wal`, descriptors)
    return { ...pin, layout: pinnedLayout(connection, { database, wal, index, cipher }) }
  } catch (error) {
    pin[Symbol.dispose]()
    throw error
  }
}

function openTracked(file: string, descriptors: number[]): number {
  const descriptor = openSync(file, 'r')
  descriptors.push(descriptor)
  return descriptor
}

/** The descriptors of a database in WAL mode, and how it is encrypted. */
interface OpenWal {
  readonly database: number
  readonly wal: number
  readonly index: number
  readonly cipher: PageCipher | undefined
}

function pinnedLayout(connection: Sqlite, open: OpenWal): PinnedLayout | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = readWalIndex(open.index)
    connection.exec('BEGIN')
    connection.prepare('SELECT count(*) FROM sqlite_schema').get()
    const after = readWalIndex(open.index)
    if (before !== undefined && after !== undefined && before.state.equals(after.state)) {
      return layoutOf(after, open)
    }
    connection.exec('ROLLBACK')
  }
  connection.exec('BEGIN')
  connection.prepare('SELECT count(*) FROM sqlite_schema').get()
  return undefined
}

function layoutOf(index: WalIndex, open: OpenWal): PinnedLayout | undefined {
  const { database, wal, cipher } = open
  const walPages = index.backfilled === index.frames ? new Map<number, number>() : readWalPages(wal, index, cipher)
  if (walPages === undefined) {
    return undefined
  }
  return {
    database,
    wal,
    walPages,
    ...sizeOf(index, open),
    index: open.index,
    indexState: index.state,
    backfilled: index.backfilled,
  }
}

/** An index of an empty WAL need not know the size of the database: then the file's length is the size. */
function sizeOf(index: WalIndex, { database, cipher }: OpenWal): Pick<PageLayout, 'pageSize' | 'pages'> {
  const pageSize = index.pageSize || cipher?.pageSize || (readDatabaseHeader(database)?.pageSize ?? 0)
  return { pageSize, pages: index.pages || Math.ceil(fstatSync(database).size / pageSize) }
}
