import type { DatabaseEncryption } from '../../model/index.ts'
import { type CipherKey, encryptionOf } from './cipher-key.ts'
import { liveCipher } from './live-cipher.ts'
import { openLive } from './open-live.ts'
import { readSettings, userTables } from './read-fingerprint.ts'

/** Ask whether a live database opens at all, and what it is, without counting anything. */
export interface LookTask {
  readonly kind: 'look'
  readonly database: string
  /** With them, even with none, the database has to be encrypted; without, it may not be. */
  readonly keys?: readonly CipherKey[]
}

export interface LookResult {
  readonly engineVersion: string
  readonly journalMode: string
  readonly bytes: number
  readonly tables: number
  readonly encryption: DatabaseEncryption
}

const BUSY_MS = 2000

export function look(task: LookTask): LookResult {
  const cipher = liveCipher(task.database, task.keys)
  using connection = openLive(task.database, BUSY_MS, cipher)
  const { pageSize, pages } = readSettings(connection)
  return {
    engineVersion: `SQLite ${connection.prepare('SELECT sqlite_version()').pluck().get()}`,
    journalMode: String(connection.pragma('journal_mode', { simple: true })),
    bytes: pageSize * pages,
    tables: userTables(connection).length,
    encryption: encryptionOf(cipher),
  }
}
