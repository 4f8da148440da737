import type { Statement } from 'better-sqlite3-multiple-ciphers'
import type { Random } from '../chance/random.ts'
import type { PosDatabase } from '../database/pos-database.ts'
import { GROWN_TABLES, type GrownTable } from './grown-tables.ts'

const SHIFTED = ['registers', 'pos_sessions', 'orders', 'tickets', 'closures']
const NEW_REGISTERS_SQL = `INSERT INTO registers SELECT id + :registers_shift, 'Caisse ' || (id + :registers_shift), 'secondary',
  'GROWN-' || (id + :registers_shift), device, software_name, software_version, fiscal_version, certificate_ref,
  opening_float, is_test, active FROM registers WHERE id IN (:base)`

interface IdRange {
  readonly day: string
  readonly first: number
  readonly last: number
}

/** Copies the history of the registers that really sold to new registers, a day at a time, over and over. */
export class HistoryCopier {
  readonly #db: PosDatabase
  readonly #base: string
  readonly #days: readonly string[]
  readonly #copies: readonly { readonly statement: Statement; readonly ranges: ReadonlyMap<string, IdRange> }[]
  #shifts: Readonly<Record<string, number>> = {}
  #nextDay = 0

  constructor(db: PosDatabase, random: Random) {
    this.#db = db
    defineFunctions(db, random)
    const base = `SELECT group_concat(id, ', ') FROM registers WHERE is_test = 0 AND serial NOT LIKE 'GROWN-%'`
    this.#base = String(db.prepare(base).pluck().get() ?? '')
    this.#copies = GROWN_TABLES.map((table) => ({
      statement: db.prepare(copySql(db, table).replaceAll(':base', this.#base)),
      ranges: rangesOf(db, table, this.#base),
    }))
    this.#days = [...new Set(this.#copies.flatMap(({ ranges }) => [...ranges.keys()]))].sort()
    if (this.#days.length === 0) throw new Error('a database without sales cannot be grown')
  }

  copyNextDay(): void {
    if (this.#nextDay === 0) this.#beginCopy()
    const day = this.#days[this.#nextDay] ?? ''
    for (const { statement, ranges } of this.#copies) {
      const range = ranges.get(day)
      if (range !== undefined) statement.run({ ...this.#shifts, first: range.first, last: range.last })
    }
    this.#nextDay = (this.#nextDay + 1) % this.#days.length
  }

  #beginCopy(): void {
    const shifts = SHIFTED.map((table) => {
      return [`${table}_shift`, Number(this.#db.prepare(`SELECT max(id) FROM ${table}`).pluck().get() ?? 0)] as const
    })
    this.#shifts = Object.fromEntries(shifts)
    const sql = NEW_REGISTERS_SQL.replaceAll(':base', this.#base)
    this.#db.prepare(sql).run({ registers_shift: this.#shifts['registers_shift'] })
  }
}

function copySql(db: PosDatabase, { name, when, changes }: GrownTable): string {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name) as string[]
  const values = columns.map((column) => changes[column] ?? column)
  const unused = SHIFTED.map((table) => `:${table}_shift IS NOT NULL`).join(' AND ')
  return `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${name}
    WHERE id BETWEEN :first AND :last AND ${when} AND ${unused} ORDER BY id`
}

function rangesOf(db: PosDatabase, { name, day, when }: GrownTable, base: string): ReadonlyMap<string, IdRange> {
  const sql = `SELECT ${day} AS day, min(id) AS first, max(id) AS last FROM ${name} WHERE ${when} GROUP BY 1`
  const ranges = db.prepare(sql.replaceAll(':base', base)).all() as IdRange[]
  return new Map(ranges.map((range) => [range.day, range]))
}

/** `fresh_uid()`, and the links of a chain whose hashes are random: `link_before` and then `link_new` for each record. */
function defineFunctions(db: PosDatabase, random: Random): void {
  const heads = new Map<string, string>()
  db.function('fresh_uid', { deterministic: false }, () => random.uid())
  db.function('link_before', { deterministic: false }, (table, register) => {
    return heads.get(`${table} ${register}`) ?? '0'.repeat(64)
  })
  db.function('link_new', { deterministic: false }, (table, register) => {
    const hash = random.hex(8)
    heads.set(`${table} ${register}`, hash)
    return hash
  })
}
