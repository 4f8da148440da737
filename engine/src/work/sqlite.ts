import { closeSync, existsSync, openSync } from 'node:fs'
import Driver from 'better-sqlite3-multiple-ciphers'

/** A connection to a SQLite file. Close it: it holds locks. */
export type Sqlite = Driver.Database & Disposable

/** How a file is opened; what `create` makes, only its owner can read. `read-only` makes `-wal` and `-shm` files beside a database in WAL mode, and leaves them. */
export type SqliteMode = 'read-write' | 'read-only' | 'create'

/** How a file is encrypted: SQLCipher's format, its page size where that is not the format's own, and its key. */
export interface SqliteCipher {
  readonly format: 3 | 4
  readonly pageSize?: number
  /** A passphrase, or a raw key as SQLCipher writes it: `x'…'`. */
  readonly key: string
}

/**
 * Opens a SQLite file; it waits up to `busyMs` for a lock that another holds. Throws the engine's own error: a key that
 * does not fit is SQLITE_NOTADB at the first reading. What an encrypted database needs for sorting stays in memory.
 */
export function openSqlite(file: string, mode: SqliteMode, busyMs = 0, cipher?: SqliteCipher): Sqlite {
  if (mode === 'create' && !existsSync(file)) {
    closeSync(openSync(file, 'a', 0o600)) // an existing one is not touched: closing it would drop our own locks
  }
  const database = new Driver(file, {
    readonly: mode === 'read-only',
    fileMustExist: mode !== 'create',
    timeout: busyMs,
  })
  if (cipher !== undefined) {
    unlock(database, cipher)
  }
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

/** The key goes in as bytes: no text of SQL ever holds it, whatever characters it has. */
function unlock(database: Driver.Database, { format, pageSize, key }: SqliteCipher): void {
  try {
    database.pragma(`cipher = 'sqlcipher'`)
    database.pragma(`legacy = ${format}`)
    if (pageSize !== undefined) {
      database.pragma(`legacy_page_size = ${pageSize}`)
    }
    ;(database as Driver.Database & { key(key: Buffer): number }).key(Buffer.from(key))
    database.pragma('temp_store = MEMORY')
  } catch (error) {
    database.close()
    throw error
  }
}
