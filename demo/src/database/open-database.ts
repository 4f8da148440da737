import Database from 'better-sqlite3-multiple-ciphers'
import type { PosDatabase } from './pos-database.ts'

export interface OpenOptions {
  /** A passphrase makes it an SQLCipher 4 database. */
  readonly databaseKey?: string | undefined
  readonly readonly?: boolean
  readonly fileMustExist?: boolean
  /** How long a till waits for another one's commit. */
  readonly busyMs?: number
}

/** The till's own connection to its database, plain or encrypted. */
export function openDatabase(file: string, options: OpenOptions = {}): PosDatabase {
  const { databaseKey, readonly = false, fileMustExist = true, busyMs = 30_000 } = options
  const db = new Database(file, { readonly, fileMustExist, timeout: busyMs })
  if (databaseKey !== undefined) unlock(db, databaseKey)
  return db
}

function unlock(db: PosDatabase, databaseKey: string): void {
  db.pragma(`cipher='sqlcipher'`)
  db.pragma('legacy=4')
  db.pragma(`key='${databaseKey.replaceAll("'", "''")}'`)
}
