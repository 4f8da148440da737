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

/** Whether the engine lacks what a till brings along: a collation, a function, a module. That is no damage. */
export function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error && /^(no such (collation sequence|function|module):|unknown function:)/.test(error.message)
  )
}

/** An identifier as SQL text. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Null for a virtual table, and where not even the table itself can be walked without a part of the till's program. */
export function countRows(database: Sqlite, table: string): number | null {
  if (isVirtualTable(database, table)) {
    return null
  }
  return countBy(database, quoted(table)) ?? countBy(database, `${quoted(table)} NOT INDEXED`) ?? null
}

/** Undefined when an index is in the way whose collation only the till has. */
function countBy(database: Sqlite, from: string): number | undefined {
  try {
    return Number(database.prepare(`SELECT count(*) FROM main.${from}`).pluck().get())
  } catch (error) {
    if (isMissingPart(error)) {
      return undefined
    }
    throw error
  }
}

function number(database: Sqlite, pragma: string): number {
  return Number(database.pragma(pragma, { simple: true }))
}
