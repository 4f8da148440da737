import type { Statement } from 'better-sqlite3-multiple-ciphers'
import type { PosDatabase } from './pos-database.ts'

export type Row = Readonly<Record<string, string | number | null>>

/** Inserts by table name, prepared once; a row names every column except `id`, which the database gives. */
export class Inserts {
  readonly #db: PosDatabase
  readonly #prepared = new Map<string, Statement>()

  constructor(db: PosDatabase) {
    this.#db = db
  }

  into(table: string, row: Row): number {
    let statement = this.#prepared.get(table)
    if (statement === undefined) {
      statement = this.#prepare(table)
      this.#prepared.set(table, statement)
    }
    return Number(statement.run(row).lastInsertRowid)
  }

  #prepare(table: string): Statement {
    const names = this.#db.prepare(`SELECT name FROM pragma_table_info(?) WHERE name <> 'id'`).pluck().all(table)
    const columns = names as string[]
    const values = columns.map((name) => `@${name}`)
    return this.#db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`)
  }
}
