import Driver from 'better-sqlite3-multiple-ciphers'

/** A connection to a SQLite file. Close it: it holds locks. */
export type Sqlite = Driver.Database & Disposable

/** How a file is opened. `read-only` makes `-wal` and `-shm` files beside a database in WAL mode, and leaves them. */
export type SqliteMode = 'read-write' | 'read-only' | 'create'

/** Opens a SQLite file; it waits up to `busyMs` for a lock that another holds. Throws the engine's own error. */
export function openSqlite(file: string, mode: SqliteMode, busyMs = 0): Sqlite {
  const database = new Driver(file, {
    readonly: mode === 'read-only',
    fileMustExist: mode !== 'create',
    timeout: busyMs,
  })
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}
