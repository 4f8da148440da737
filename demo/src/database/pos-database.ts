import type Database from 'better-sqlite3-multiple-ciphers'

/** A connection to a POS database. */
export type PosDatabase = Database.Database
