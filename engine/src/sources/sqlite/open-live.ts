import { existsSync } from 'node:fs'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'

/**
 * Opens a live database for reading. Read-only, so that closing never checkpoints and never takes an exclusive lock
 * while a till runs. When no WAL is there, no till in WAL mode is either: then read-write, so that closing removes
 * the empty WAL that opening makes.
 */
export function openLive(file: string, busyMs: number): Sqlite {
  if (existsSync(`${file}-wal`)) {
    return openSqlite(file, 'read-only', busyMs)
  }
  try {
    return openSqlite(file, 'read-write', busyMs)
  } catch {
    return openSqlite(file, 'read-only', busyMs)
  }
}
