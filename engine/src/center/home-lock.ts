import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { pid } from 'node:process'
import { type Clock, TillsafeError } from '../model/index.ts'
import { openSqlite, type Sqlite } from '../work/sqlite.ts'
import type { Home } from './home.ts'

/**
 * One process at a time decides for a shop. The lock is the operating system's, through a SQLite file that nobody
 * reads: it ends with the process, however that ends, so it is never stale. See docs/decisions.
 */
export class HomeLock implements Disposable {
  readonly #connection: Sqlite
  readonly #holder: string

  private constructor(connection: Sqlite, holder: string) {
    this.#connection = connection
    this.#holder = holder
  }

  /** Throws `home.busy`, naming who works there, when another process has it. */
  static take(home: Home, clock: Clock): HomeLock {
    const connection = openSqlite(home.lock, 'create')
    try {
      connection.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      connection.close()
      if (!isHeld(cause)) {
        throw cause
      }
      throw new TillsafeError('home.busy', `Tillsafe is already at work in ${home.path}${describeHolder(home)}`, {
        cause,
      })
    }
    nameHolder(home, clock)
    return new HomeLock(connection, home.lockHolder)
  }

  [Symbol.dispose](): void {
    forgetHolder(this.#holder)
    this.#connection.close()
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

/** Only for the message of others: on a full disk the lock is taken without a name. */
function nameHolder(home: Home, clock: Clock): void {
  try {
    writeFileSync(home.lockHolder, JSON.stringify({ pid, since: clock.now() }))
  } catch {
    forgetHolder(home.lockHolder)
  }
}

/** Where it can't be removed, the lock is free all the same. */
function forgetHolder(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Only a message of others would name us.
  }
}

function describeHolder(home: Home): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(home.lockHolder, 'utf8')) as { pid: number; since: string }
    return ` (process ${pid}, since ${since})`
  } catch {
    return ''
  }
}
