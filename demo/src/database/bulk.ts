import { closeSync, fsyncSync, openSync } from 'node:fs'
import type { PosDatabase } from './pos-database.ts'

/** Sets a database up for filling: no journal, no syncing, so a crash now ruins the file and nothing else. */
export function beginBulk(db: PosDatabase): void {
  // SQLite's defensive mode, which the driver sets, keeps the journal on.
  db.unsafeMode(true)
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = OFF')
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -262144')
  db.pragma('foreign_keys = OFF')
  db.pragma('temp_store = MEMORY')
}

/** Ends the filling: the file is synced and has the journal mode that the till will use. */
export function endBulk(db: PosDatabase, file: string, journalMode: 'wal' | 'rollback'): void {
  const handle = openSync(file, 'r+')
  fsyncSync(handle)
  closeSync(handle)
  db.unsafeMode(false)
  db.pragma('synchronous = FULL')
  db.pragma('locking_mode = NORMAL')
  db.pragma(`journal_mode = ${journalMode === 'wal' ? 'WAL' : 'DELETE'}`)
}
