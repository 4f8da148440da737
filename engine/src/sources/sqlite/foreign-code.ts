import type { Sqlite } from '../../work/sqlite.ts'
import { isVirtualTable, quoted, userTables } from './read-fingerprint.ts'

/** Where the schema of a database holds SQL that reading would run. Triggers are not among it: they run when something is written. */
export interface ForeignCode {
  /** Views, virtual tables, and tables with generated columns: who asks them has the file answer with SQL of its own. */
  readonly answering: ReadonlySet<string>
  /** Tables whose check computes formulas: generated columns, indexes on expressions or on some rows only; virtual ones. */
  readonly unchecked: ReadonlySet<string>
}

/** A database of the shop itself may be asked anything. */
export const NO_FOREIGN_CODE: ForeignCode = { answering: new Set(), unchecked: new Set() }

const GENERATED = [2, 3]
const EXPRESSION = -2

/**
 * Reads the schema, and runs nothing of it. An entry's type and name can be trusted: the engine refuses a schema whose entries
 * are not what their SQL makes.
 */
export function findForeignCode(database: Sqlite): ForeignCode {
  const tables = userTables(database)
  const virtual = tables.filter((table) => isVirtualTable(database, table))
  const real = tables.filter((table) => !virtual.includes(table))
  const generated = real.filter((table) => hasGenerated(database, table))
  return {
    answering: new Set([...viewsOf(database), ...virtual, ...generated]),
    unchecked: new Set([...virtual, ...generated, ...real.filter((table) => hasFormulaIndex(database, table))]),
  }
}

/** Whether SQL of ours may ask one of these: their name stands in it, whatever else it means there. */
export function mentions(sql: string, names: ReadonlySet<string>): string | undefined {
  const text = sql.toLowerCase()
  return [...names].find(
    (name) => text.includes(name.toLowerCase().replaceAll('"', '""')) || text.includes(name.toLowerCase()),
  )
}

function viewsOf(database: Sqlite): string[] {
  return database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'view'`).pluck().all().map(String)
}

function hasGenerated(database: Sqlite, table: string): boolean {
  const columns = database.pragma(`main.table_xinfo(${quoted(table)})`) as { hidden: number }[]
  return columns.some((column) => GENERATED.includes(column.hidden))
}

function hasFormulaIndex(database: Sqlite, table: string): boolean {
  const indexes = database.pragma(`main.index_list(${quoted(table)})`) as { name: string; partial: number }[]
  return indexes.some(
    ({ name, partial }) =>
      partial !== 0 ||
      (database.pragma(`main.index_xinfo(${quoted(name)})`) as { cid: number }[]).some(({ cid }) => cid === EXPRESSION),
  )
}
