import { DatabaseSync } from 'node:sqlite'

const SLICES = 2000

/**
 * Copies a demo database into one whose keys all grow with the rows: no index on random keys, no index that new rows hit
 * in its middle. The rows of all tables come in turn, as a till writes them.
 */
export function makeAppendOnlyShop(shop: string, file: string): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF')
  db.prepare('ATTACH ? AS shop').run(shop)
  const tables = tablesOf(db)
  for (const { sql } of tables) {
    db.exec(withoutIndexes(sql))
  }
  db.exec('BEGIN')
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const { name, rows } of tables) {
      const [after, upTo] = [Math.floor((rows * slice) / SLICES), Math.floor((rows * (slice + 1)) / SLICES)]
      db.prepare(`INSERT INTO main."${name}" SELECT * FROM shop."${name}" WHERE rowid > ? AND rowid <= ?`).run(
        after,
        upTo,
      )
    }
  }
  db.exec('COMMIT')
  db.exec('DETACH shop')
  db.exec('PRAGMA journal_mode = WAL')
  db.close()
}

function tablesOf(db: DatabaseSync): { name: string; sql: string; rows: number }[] {
  const select = "SELECT name, sql FROM shop.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
  const tables = db.prepare(select).all() as unknown as { name: string; sql: string }[]
  return tables.map((table) => {
    const rows = Number(db.prepare(`SELECT max(rowid) AS rows FROM shop."${table.name}"`).get()?.['rows'] ?? 0)
    return { ...table, rows }
  })
}

/** Only the lines of a ticket keep their index: it grows at its end. */
function withoutIndexes(sql: string): string {
  return sql
    .replace('uid TEXT NOT NULL UNIQUE', 'uid TEXT NOT NULL')
    .replace(/,\s*UNIQUE \((?!ticket_id, no)[^)]*\)/g, '')
}
