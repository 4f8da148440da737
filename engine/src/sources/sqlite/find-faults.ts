import type { Sqlite } from '../../work/sqlite.ts'
import type { ForeignCode } from './foreign-code.ts'
import { isCorrupt, quoted, userTables } from './read-fingerprint.ts'

const MOST_FAULTS = 100

/**
 * What the engine's own check finds, as sentences. It computes what indexes and generated columns are made of: tables with
 * such formulas of a stranger are left out, and so are virtual ones, whose modules would read what the file tells them.
 */
export function findFaults(database: Sqlite, code: ForeignCode): string[] {
  if (code.unchecked.size === 0) {
    return integrityFaults(database, String(MOST_FAULTS))
  }
  const tables = userTables(database).filter((table) => !code.unchecked.has(table))
  return tables.flatMap((table) => integrityFaults(database, quoted(table))).slice(0, MOST_FAULTS)
}

function integrityFaults(database: Sqlite, of: string): string[] {
  try {
    const rows = database.prepare(`PRAGMA integrity_check(${of})`).pluck().all().map(String)
    return rows.length === 1 && rows[0] === 'ok' ? [] : rows
  } catch (error) {
    if (isCorrupt(error)) {
      return [`the check itself could not go on: ${error.message}`]
    }
    throw error
  }
}
