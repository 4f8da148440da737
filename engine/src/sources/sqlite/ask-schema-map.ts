import type { SchemaMap, SectionCount } from '../../model/index.ts'
import type { Sqlite } from '../../work/sqlite.ts'
import { type ForeignCode, mentions, NO_FOREIGN_CODE } from './foreign-code.ts'
import { quoted, userTables } from './read-fingerprint.ts'

/** What a schema map finds in a database. */
export interface Meaning {
  readonly sections: readonly SectionCount[]
  readonly counters: Readonly<Record<string, number>>
  readonly fiscalPeriod?: { readonly from: string; readonly to: string }
  /** Rows as the database gave them: see `chainHeadsOf`. */
  readonly chainHeads: readonly unknown[]
  readonly applicationVersion?: string
  /** Questions that this database could not answer, as sentences. */
  readonly problems: readonly string[]
}

/**
 * Asks a database the questions of its schema map. A question that fails is a problem to show, never an error; one that
 * would have the database answer with foreign SQL is not asked.
 */
export function askSchemaMap(
  database: Sqlite,
  map: SchemaMap | undefined,
  code: ForeignCode = NO_FOREIGN_CODE,
): Meaning {
  if (map === undefined) {
    return { sections: [], counters: {}, chainHeads: [], problems: [] }
  }
  const asked = new Questions(database, code)
  const period = asked.row('fiscalPeriod', map.fiscalPeriod)
  const version = asked.value('applicationVersion', map.applicationVersion)
  return {
    sections: countSections(asked, userTables(database), map),
    counters: countCounters(asked, map),
    chainHeads: asked.rows('chainHeads', map.chainHeads),
    ...(typeof period?.['from'] === 'string' && typeof period['to'] === 'string'
      ? { fiscalPeriod: { from: period['from'], to: period['to'] } }
      : {}),
    ...(version === undefined || version === null ? {} : { applicationVersion: String(version) }),
    problems: asked.problems,
  }
}

class Questions {
  readonly problems: string[] = []
  readonly #database: Sqlite
  readonly #code: ForeignCode

  constructor(database: Sqlite, code: ForeignCode) {
    this.#database = database
    this.#code = code
  }

  rows(name: string, sql: string | undefined): Record<string, unknown>[] {
    if (sql === undefined) {
      return []
    }
    try {
      this.#requireHarmless(sql)
      const statement = this.#database.prepare(sql)
      if (!statement.reader || !statement.readonly) {
        throw new Error('it is not a single SELECT')
      }
      return (statement.all() as Record<string, unknown>[]).map(withoutNulls)
    } catch (error) {
      requireOfQuestion(error)
      this.problems.push(`the schema map's ${name} could not be answered: ${(error as Error).message}`)
      return []
    }
  }

  #requireHarmless(sql: string): void {
    const name = mentions(sql, this.#code.answering)
    if (name !== undefined) {
      throw new Error(`${JSON.stringify(name)} is a view in this file, or computes its answers: nothing of that is run`)
    }
  }

  row(name: string, sql: string | undefined): Record<string, unknown> | undefined {
    return this.rows(name, sql)[0]
  }

  value(name: string, sql: string | undefined): unknown {
    return Object.values(this.row(name, sql) ?? {})[0]
  }
}

function countSections(asked: Questions, tables: readonly string[], map: SchemaMap): SectionCount[] {
  const known = new Set(tables)
  return map.sections.map((section) => ({
    name: section.name,
    rows: section.tables
      .filter((table) => known.has(table))
      .map((table) => Number(asked.value(`table ${table}`, `SELECT count(*) FROM main.${quoted(table)}`) ?? 0))
      .reduce((sum, rows) => sum + rows, 0),
  }))
}

function countCounters(asked: Questions, map: SchemaMap): Record<string, number> {
  const counts = Object.entries(map.counters).map(([name, sql]) => [name, Number(asked.value(name, sql))] as const)
  return Object.fromEntries(counts.filter(([, count]) => Number.isInteger(count) && count >= 0))
}

/** That the disk or the memory fails the engine says nothing of the question. */
function requireOfQuestion(error: unknown): void {
  if (error instanceof Error && 'code' in error && /^SQLITE_(IOERR|FULL)/.test(String(error.code))) {
    throw error
  }
}

function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
