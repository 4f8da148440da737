import type { Sqlite } from '../../work/sqlite.ts'
import type { ForeignCode } from './foreign-code.ts'
import { isCorrupt, isMissingPart, quoted, userTables } from './read-fingerprint.ts'

/** What the engine's own check says of a database. */
export interface Faults {
  /** What it finds, as at most a hundred sentences; empty when it finds nothing. */
  readonly faults: readonly string[]
  /** Tables that it can't look at here, as sentences: no damage is known of them. */
  readonly unchecked: readonly string[]
}

const MOST_FAULTS = 100

/**
 * Lets the engine check a database. It computes what indexes and generated columns are made of: tables with such formulas of a
 * stranger are left out, and so are virtual ones, whose modules would read what the file tells them.
 */
export function findFaults(database: Sqlite, code: ForeignCode): Faults {
  if (code.unchecked.size > 0) {
    return tableByTable(database, code)
  }
  try {
    return { faults: integrityFaults(database, String(MOST_FAULTS)), unchecked: [] }
  } catch (error) {
    requireOfTable(error)
    return tableByTable(database, code)
  }
}

function tableByTable(database: Sqlite, code: ForeignCode): Faults {
  const faults: string[] = []
  const unchecked: string[] = []
  for (const table of userTables(database)) {
    try {
      if (code.unchecked.has(table)) {
        unchecked.push(`table ${table} is not checked: its schema would compute something`)
      } else {
        faults.push(...integrityFaults(database, quoted(table)))
      }
    } catch (error) {
      const { message } = requireOfTable(error)
      const sentences = isMissingPart(error) ? unchecked : faults
      sentences.push(`table ${table} could not be checked: ${message}`)
    }
  }
  return { faults: faults.slice(0, MOST_FAULTS), unchecked: unchecked.slice(0, MOST_FAULTS) }
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

/** An error that one table makes; any other is thrown on. */
function requireOfTable(error: unknown): Error {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_ERROR')) {
    return error
  }
  throw error
}
