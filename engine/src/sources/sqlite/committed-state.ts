import { type BigIntStats, closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { readWalIndex } from './wal-index.ts'

/** Ask for the state of a live database, without reading it. */
export interface StateTask {
  readonly kind: 'state'
  readonly database: string
}

/** What a database was at one moment, as far as that is seen from outside. */
export interface CommittedState {
  /** Equal as long as nobody has committed; another as soon as somebody has, or has only tidied up. */
  readonly mark: string
  /** When any of its files was last written, in milliseconds since 1970, by the clock of their disk. */
  readonly modifiedMs: number
}

/** Its change counter, and of an encrypted one what differs each time that page 1 is written. */
const HEADER_BYTES = 100

/**
 * The state of a database; undefined where it can't be told. Made of the files' own marks (place, length, times), of the header,
 * and of the WAL's index, whose counters each commit moves. The index alone is not believed: after a power cut an old one
 * may lie beside a newer WAL. Opens and closes files of the database: for a process that has no connection to it.
 */
export function committedState(database: string): CommittedState | undefined {
  if (existsSync(`${database}-journal`)) {
    return undefined // the engine may have to undo what it describes
  }
  const file = statSync(database, { bigint: true, throwIfNoEntry: false })
  const wal = statSync(`${database}-wal`, { bigint: true, throwIfNoEntry: false })
  const index = indexMark(`${database}-shm`)
  if (file === undefined || index === undefined) {
    return undefined
  }
  // Whoever opens a WAL may set its owner anew: the time of that says nothing.
  const mark = [fileMark(file), file.ctimeNs, wal === undefined ? 'none' : fileMark(wal), readHeader(database), index]
  const writtenNs = wal === undefined || file.mtimeNs > wal.mtimeNs ? file.mtimeNs : wal.mtimeNs
  return { mark: mark.join(' '), modifiedMs: Number(writtenNs / 1_000_000n) }
}

function fileMark({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join('-')
}

/** Undefined while somebody is changing it. */
function indexMark(file: string): string | undefined {
  if (!existsSync(file)) {
    return 'none'
  }
  return withFile(file, (descriptor) => readWalIndex(descriptor)?.state.toString('hex'))
}

function readHeader(file: string): string {
  return withFile(file, (descriptor) => {
    const header = Buffer.alloc(HEADER_BYTES)
    readSync(descriptor, header, 0, HEADER_BYTES, 0)
    return header.toString('hex')
  })
}

function withFile<T>(file: string, use: (descriptor: number) => T): T {
  const descriptor = openSync(file, 'r')
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
