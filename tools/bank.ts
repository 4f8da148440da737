import { createHash } from 'node:crypto'
import type { Sqlite } from '../engine/src/work/sqlite.ts'

/** Tables of the till that `busy-writer-child.ts` plays: money moves between accounts, and their sum stays. */
export function makeBank(till: Sqlite): void {
  till.exec(`CREATE TABLE accounts (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
    CREATE TABLE moves (id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO accounts SELECT i, 1000 FROM n`)
}

/** As that writer notes it in its ledger: the number of the last move, and a hash of all accounts. */
export function stateOfBank(database: Sqlite): string {
  const cents = database.prepare('SELECT cents FROM accounts ORDER BY id').pluck().all()
  const last = database.prepare('SELECT max(id) FROM moves').pluck().get()
  return `${last} ${createHash('sha1').update(cents.join()).digest('hex')}`
}

/** All that it holds. */
export function rowsOfBank(database: Sqlite): unknown[] {
  return [
    ...database.prepare('SELECT * FROM accounts ORDER BY id').all(),
    ...database.prepare('SELECT id, note FROM moves ORDER BY id').all(),
  ]
}
