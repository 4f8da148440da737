import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BackupCenter } from './backup-center.ts'
import { createShop } from './create-shop.ts'

let folder: string
let database: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-parts-'))
  database = join(folder, 'pos.db')
  mkdirSync(join(folder, 'usb'))
  makeDatabase()
  await createShop(join(folder, 'home'), {
    name: 'Parts',
    country: 'DE',
    timeZone: 'Europe/Berlin',
    source: { engine: 'sqlite', database },
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['WAL', 'DELETE'])('a till whose database sorts by rules of its own, journal mode %s', (mode) => {
  beforeEach(() => setMode(mode))

  test('is backed up as sound, with a sentence on what could not be checked, and comes back', async () => {
    await using center = await BackupCenter.open(join(folder, 'home'), { version: 'test' })
    const { label } = (await center.backUp().result).backup
    expect(label.database.condition).toBe('sound')
    expect(label.database.fingerprint.tables).toEqual([
      { name: 'customers', rows: 3 },
      { name: 'tickets', rows: 2 },
    ])
    expect(label.problems).toEqual([expect.stringContaining('customers could not be checked: no such collation')])
    expect(await center.verify(label.id).result).toMatchObject({ ok: true, problems: [] })
    add()
    const plan = await center.planRestore(label.id)
    await center.restore(plan, { confirm: 'RESTORE', reason: 'mistake' }).result
    using restored = new DatabaseSync(database)
    expect(restored.prepare('SELECT count(*) AS rows FROM tickets').get()).toEqual({ rows: 2 })
  })
})

/** An index needs a collation that only its own program has. */
function makeDatabase(): void {
  using till = new DatabaseSync(database, { defensive: false })
  till.exec(`
    CREATE TABLE customers (name TEXT COLLATE NOCASE, town TEXT);
    CREATE INDEX by_name ON customers (name);
    CREATE TABLE tickets (id INTEGER PRIMARY KEY, total INTEGER);
    INSERT INTO customers VALUES ('Åsa', 'Malmö'), ('Zoë', 'Gent'), ('Émile', 'Nice');
    INSERT INTO tickets (total) VALUES (100), (250);
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'LOCALIZED');
  `)
}

function setMode(mode: string): void {
  using till = new DatabaseSync(database)
  till.exec(`PRAGMA journal_mode = ${mode}`)
}

function add(): void {
  using till = new DatabaseSync(database)
  till.exec('INSERT INTO tickets (total) VALUES (1)')
}
