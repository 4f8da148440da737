import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, renameSync } from 'node:fs'
import { platform } from 'node:os'
import { dirname, join } from 'node:path'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import type { Expected, Ruin } from '../source.ts'
import type { CipherKey } from './cipher-key.ts'
import { readDatabaseHeader } from './database-header.ts'
import { isNothingNew } from './find-ruins.ts'
import { hashContent, hashPages } from './hash-pages.ts'
import { liveCipher } from './live-cipher.ts'
import type { PageCipher } from './page-cipher.ts'
import { removeFile } from './remove-file.ts'

/** Put a staged database in the place of the live one, in one step, while no till can be in between. */
export interface SwapTask {
  readonly kind: 'swap'
  readonly database: string
  /** The database that waits; gone once the swap is done. */
  readonly staged: string
  /** A folder beside the database for what stood there before. */
  readonly kept: string
  readonly expected: Expected
  /** Of the database that stands there, when it is encrypted. */
  readonly keys?: readonly CipherKey[]
}

/** The files that SQLite keeps beside a database. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const

const BUSY_MS = 3000
/** How long a swap waits for another of the same restore to end. */
const TURN_MS = 30_000

type Unchanged = Exclude<Expected, { kind: 'no-database' }>

/** Whether someone still wants the work: false once the process that asked is gone. */
export type StillWanted = () => Promise<boolean>

export async function swap(task: SwapTask, stillWanted: StillWanted): Promise<void> {
  makeKept(task.kept)
  const turn = takeTurn(task)
  try {
    if (existsSync(task.staged)) {
      await replace(task, stillWanted) // else an earlier run has done it, and may have been cut before it could sync
    }
    syncFolder(dirname(task.database))
    syncFolder(dirname(task.staged))
  } finally {
    turn.close()
  }
}

function makeKept(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 }) // a recursive one would call a failing disk ENOENT
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error
    }
  }
}

/**
 * One swap of a restore at a time. One whose parent was killed may still be at work when the next start comes to finish
 * the restore: what the one decides must not be decided again by the other.
 */
function takeTurn({ database, staged }: SwapTask): Sqlite {
  const connection = openSqlite(join(dirname(staged), 'turn.db'), 'create', TURN_MS)
  try {
    connection.exec('BEGIN EXCLUSIVE')
    return connection
  } catch (cause) {
    connection.close()
    if (!(cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw cause
    }
    throw new TillsafeError('source.locked', `another process is still putting ${database} in place`, { cause })
  }
}

async function replace(task: SwapTask, stillWanted: StillWanted): Promise<void> {
  await requireWanted(stillWanted)
  switch (task.expected.kind) {
    case 'unchanged':
    case 'unchanged-content':
      await swapSound(task, task.expected, stillWanted)
      break
    case 'no-database':
      await swapMissing(task, task.expected.ruins, stillWanted)
      break
    default:
      task.expected satisfies never
  }
}

/**
 * Two exclusive locks, one after the other. Under the first, the WAL is brought home and the bytes are compared with
 * those that the safety backup has. Under the second, in rollback-journal mode and with nothing open beside the
 * database, it is replaced. What is committed in between changes the header, and then nothing is replaced.
 */
async function swapSound(task: SwapTask, expected: Unchanged, stillWanted: StillWanted): Promise<void> {
  const cipher = cipherOf(task, expected)
  const counter = bringHome(task.database, expected, cipher)
  const connection = openSqlite(task.database, 'read-write', BUSY_MS, cipher)
  const descriptor = openSync(task.database, 'r')
  try {
    lock(connection, 'BEGIN EXCLUSIVE', task.database)
    const header = readDatabaseHeader(descriptor, cipher)
    if (header?.walMode !== false || header.changeCounter !== counter) {
      throw changed(task.database)
    }
    await requireWanted(stillWanted)
    removeFile(join(task.kept, 'database'))
    keep(task.database, join(task.kept, 'database'))
    renameSync(task.staged, task.database)
    syncFolder(dirname(task.database))
  } finally {
    connection.close()
    closeSync(descriptor)
  }
}

/**
 * A database that was encrypted, decrypted, or given another key since its safety backup is not what that backup holds.
 * Other errors than these are no reason to give the restore up.
 */
function cipherOf({ database, keys }: SwapTask, expected: Unchanged): PageCipher | undefined {
  try {
    return liveCipher(database, expected.kind === 'unchanged' ? undefined : (keys ?? []))
  } catch (cause) {
    const code = cause instanceof TillsafeError ? cause.code : ''
    const isChanged =
      code === 'source.not-encrypted' ||
      (expected.kind === 'unchanged' ? code === 'source.key-needed' : code === 'source.key-wrong')
    throw isChanged ? changed(database, cause) : cause
  }
}

/** Leaves the database without companions, if it is what is expected. Returns its change counter. */
function bringHome(database: string, expected: Unchanged, cipher: PageCipher | undefined): number {
  const connection = openSqlite(database, 'read-write', BUSY_MS, cipher)
  const descriptor = openSync(database, 'r')
  try {
    connection.pragma('locking_mode = EXCLUSIVE')
    lock(connection, 'BEGIN EXCLUSIVE', database)
    connection.exec('COMMIT')
    connection.pragma('wal_checkpoint(TRUNCATE)')
    if (!isExpected(descriptor, expected, cipher)) {
      throw changed(database)
    }
    connection.pragma('journal_mode = DELETE')
    return readDatabaseHeader(descriptor, cipher)?.changeCounter ?? -1
  } finally {
    connection.close()
    closeSync(descriptor)
  }
}

function isExpected(descriptor: number, expected: Unchanged, cipher: PageCipher | undefined): boolean {
  return expected.kind === 'unchanged'
    ? hashPages(descriptor, Buffer.from(expected.header, 'base64')) === expected.sha256
    : cipher !== undefined && hashContent(descriptor, cipher) === expected.hash
}

/** What lies there is no database, or nothing is: it is set aside, companions first, then the staged one is named. */
async function swapMissing(task: SwapTask, ruins: readonly Ruin[], stillWanted: StillWanted): Promise<void> {
  await requireWanted(stillWanted)
  if (!isNothingNew(task.database, ruins)) {
    saveSetAside(task)
    throw changed(task.database)
  }
  for (const companion of COMPANIONS) {
    setAside(`${task.database}${companion}`, join(task.kept, `database${companion}`))
  }
  setAside(task.database, join(task.kept, 'database'))
  syncFolder(dirname(task.database))
  if (existsSync(task.database)) {
    saveSetAside(task)
    throw changed(task.database)
  }
  renameSync(task.staged, task.database)
}

function lock(connection: Sqlite, sql: string, database: string): void {
  try {
    connection.exec(sql)
  } catch (cause) {
    if ((cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw new TillsafeError('source.open', `a till still has ${database} open`, { cause })
    }
    throw cause
  }
}

function keep(path: string, kept: string): void {
  try {
    linkSync(path, kept)
  } catch {
    // No links here (exFAT): the safety backup alone keeps what stood there.
  }
}

/** What an earlier run has set aside outlives a restore that is given up: it may be all that is left of a shop. */
function saveSetAside(task: SwapTask): void {
  if (existsSync(task.kept) && readdirSync(task.kept).length > 0) {
    renameSync(task.kept, `${dirname(task.staged)}-set-aside`)
  }
}

function setAside(path: string, kept: string): void {
  if (existsSync(path)) {
    // What an earlier, interrupted run has set aside stays.
    renameSync(path, existsSync(kept) ? `${kept}.later` : kept)
  }
}

async function requireWanted(stillWanted: StillWanted): Promise<void> {
  if (!(await stillWanted())) {
    throw new TillsafeError('job.cancelled', 'the process that asked for the restore has ended')
  }
}

function changed(database: string, cause?: unknown): TillsafeError {
  return new TillsafeError('source.changed', `${database} has changed since its safety backup was taken`, { cause })
}

/** When it fails, the names may not outlast a power cut: then the swap is not done, and the next start does it again. */
function syncFolder(path: string): void {
  if (platform() === 'win32') {
    return // it can't open a folder, and needs no sync of names
  }
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
