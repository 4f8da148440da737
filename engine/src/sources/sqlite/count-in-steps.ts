import type { DatabaseFingerprint } from '../../model/index.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { Sqlite } from '../../work/sqlite.ts'
import { countRows, isVirtualTable, quoted, readSettings, userTables } from './read-fingerprint.ts'
import type { ReadSteps } from './read-steps.ts'

const FIRST_BATCH = 2000
const QUICK_MS = 4
const SLOW_MS = 12
const LOWEST_ROWID = -(2n ** 63n)

/** The fingerprint of a database in rollback-journal mode, read in the same short steps as its pages. */
export async function countInSteps(connection: Sqlite, steps: ReadSteps): Promise<DatabaseFingerprint> {
  const settings = await steps.run(() => readSettings(connection))
  const tables: { name: string; rows: number | null }[] = []
  for (const name of await steps.run(() => userTables(connection))) {
    tables.push({ name, rows: await countTable(connection, steps, name) })
  }
  return { ...settings, tables }
}

async function countTable(connection: Sqlite, steps: ReadSteps, table: string): Promise<number | null> {
  if (await steps.run(() => isVirtualTable(connection, table))) {
    return null
  }
  const key = await steps.run(() => rowidName(connection, table))
  if (key === undefined) {
    return steps.run(() => countRows(connection, table))
  }
  return countByRowid(connection, steps, table, key)
}

/** The batch grows while it is quick, so that no step lasts long, however wide the rows are. */
async function countByRowid(connection: Sqlite, steps: ReadSteps, table: string, key: string): Promise<number> {
  const sql = `SELECT count(*) AS rows, max(${key}) AS last FROM
    (SELECT ${key} FROM main.${quoted(table)} WHERE ${key} > ? ORDER BY ${key} LIMIT ?)`
  // The lowest rowid of all is counted apart: nothing is lower than it.
  const lowest = `SELECT count(*) FROM main.${quoted(table)} WHERE ${key} = ?`
  let rows = await steps.run(() => Number(connection.prepare(lowest).pluck().get(LOWEST_ROWID)))
  let after: bigint | null = LOWEST_ROWID
  for (let batch = FIRST_BATCH; after !== null; ) {
    const begun = performance.now()
    const from: bigint = after
    const counted = await steps.run(
      () => connection.prepare(sql).safeIntegers().get(from, batch) as { rows: bigint; last: bigint | null },
    )
    const took = performance.now() - begun
    if (counted.last !== null && counted.last <= from) {
      throw new TillsafeError('source.damaged', `the rows of ${table} are not in order`) // it would go on for ever
    }
    rows += Number(counted.rows)
    after = counted.last
    batch = took < QUICK_MS ? batch * 2 : took > SLOW_MS ? Math.max(100, Math.floor(batch / 2)) : batch
  }
  return rows
}

/** A name under which the rowid of a table can be asked for; undefined when the table has none (WITHOUT ROWID). */
function rowidName(connection: Sqlite, table: string): string | undefined {
  const columns = connection.pragma(`table_xinfo(${quoted(table)})`) as { name: string }[]
  const taken = new Set(columns.map((column) => column.name.toLowerCase()))
  const free = ['_rowid_', 'rowid', 'oid'].find((name) => !taken.has(name))
  if (free === undefined) {
    return undefined
  }
  try {
    connection.prepare(`SELECT ${free} FROM main.${quoted(table)} LIMIT 0`)
    return free
  } catch {
    return undefined
  }
}
