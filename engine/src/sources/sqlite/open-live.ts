import { existsSync } from 'node:fs'
import { openSqlite, type Sqlite, type SqliteCipher } from '../../work/sqlite.ts'

/**
 * Opens a live database for reading. Read-only, so that closing never checkpoints and never takes an exclusive lock
 * while a till runs. When no WAL is there, no till in WAL mode is either: then read-write, so that closing removes
 * the empty WAL that opening makes.
 */
export function openLive(file: string, busyMs: number, cipher?: SqliteCipher): Sqlite {
  if (existsSync(`${file}-wal`)) {
    return openSqlite(file, 'read-only', busyMs, cipher)
  }
  try {
    return openSqlite(file, 'read-write', busyMs, cipher)
  } catch {
    return openSqlite(file, 'read-only', busyMs, cipher)
  }
}
