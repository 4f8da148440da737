import type { DatabaseFingerprint } from '../../model/index.ts'
import type { Sqlite } from '../../work/sqlite.ts'

/** Reads the fingerprint of a database through a connection; the caller holds the transaction. */
export function readFingerprint(database: Sqlite): DatabaseFingerprint {
  const tables = userTables(database).map((name) => ({ name, rows: countRows(database, name) }))
  return { ...readSettings(database), tables }
}

/** The part of a fingerprint that costs nothing to read. */
export function readSettings(database: Sqlite): Omit<DatabaseFingerprint, 'tables'> {
  return {
    pageSize: number(database, 'page_size'),
    pages: number(database, 'page_count'),
    encoding: String(database.pragma('encoding', { simple: true })),
    applicationId: number(database, 'application_id'),
    userVersion: number(database, 'user_version'),
    schemaVersion: number(database, 'schema_version'),
  }
}

/** The user's tables in order of name, virtual ones included. */
export function userTables(database: Sqlite): string[] {
  return database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`)
    .pluck()
    .all()
    .map(String)
    .sort((a, b) => (a < b ? -1 : 1))
}

/** Whether a table is virtual: its module may not be here, and its rows are counted in its shadow tables. */
export function isVirtualTable(database: Sqlite, table: string): boolean {
  const sql = database.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`).pluck().get(table)
  return /^\s*create(\s|\/\*.*?\*\/|--[^\n]*\n)+virtual\b/is.test(String(sql))
}

/** Whether the engine met pages that make no sense. */
export function isCorrupt(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CORRUPT')
}

/** An identifier as SQL text. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function countRows(database: Sqlite, table: string): number | null {
  return isVirtualTable(database, table)
    ? null
    : Number(
        database
          .prepare(`SELECT count(*) FROM main.${quoted(table)}`)
          .pluck()
          .get(),
      )
}

function number(database: Sqlite, pragma: string): number {
  return Number(database.pragma(pragma, { simple: true }))
}
