import { openLive } from './open-live.ts'
import { readSettings, userTables } from './read-fingerprint.ts'

/** Ask whether a live database opens at all, and what it is, without counting anything. */
export interface LookTask {
  readonly kind: 'look'
  readonly database: string
}

export interface LookResult {
  readonly engineVersion: string
  readonly journalMode: string
  readonly bytes: number
  readonly tables: number
}

const BUSY_MS = 2000

export function look(task: LookTask): LookResult {
  using connection = openLive(task.database, BUSY_MS)
  const { pageSize, pages } = readSettings(connection)
  return {
    engineVersion: `SQLite ${connection.prepare('SELECT sqlite_version()').pluck().get()}`,
    journalMode: String(connection.pragma('journal_mode', { simple: true })),
    bytes: pageSize * pages,
    tables: userTables(connection).length,
  }
}
