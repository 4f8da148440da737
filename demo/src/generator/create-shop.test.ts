import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import type { PosDatabase } from '../database/pos-database.ts'
import { REFERENCE_TABLES } from '../schema/reference-tables.ts'
import { makeTestShop, type TestShop } from '../testing/make-test-shop.ts'
import { verifyShop } from '../verify/verify-shop.ts'
import type { MadeShop } from './shop-options.ts'

let shop: TestShop
let db: PosDatabase

beforeAll(async () => {
  shop = await makeTestShop({ days: 40, until: '2026-02-28', ticketsPerDay: 150, pictures: 12 })
  db = openDatabase(shop.databaseFile, { readonly: true })
  return () => {
    db.close()
    return shop[Symbol.asyncDispose]()
  }
})

describe('a generated shop', () => {
  test('has nothing that the check finds wrong', () => {
    expect(verifyShop(shop.databaseFile, shop.keyFile)).toEqual([])
    expect(db.pragma('foreign_key_check')).toEqual([])
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  test('has every table that the reference names, and rows in each', () => {
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`).pluck()
    expect(tables.all().sort()).toEqual(REFERENCE_TABLES.map(({ name }) => name).sort())
    for (const { name } of REFERENCE_TABLES) expect(count(`SELECT count(*) FROM ${name}`), name).toBeGreaterThan(0)
  })

  test('numbers restart after each Z, and the sequence does not', () => {
    const firsts = db.prepare('SELECT min(number) FROM tickets GROUP BY register_id, z_period').pluck().all()
    expect(new Set(firsts)).toEqual(new Set([1]))
    const gaps = `SELECT register_id FROM tickets GROUP BY register_id HAVING min(seq) <> 1 OR max(seq) <> count(*)`
    expect(db.prepare(gaps).all()).toEqual([])
  })

  test('lines, taxes and payments tie', () => {
    const sums = `SELECT sum(total_incl) AS lines, (SELECT sum(p.total_incl) FROM ticket_taxes p) AS taxes,
      (SELECT sum(t.total_incl) FROM tickets t) AS tickets FROM ticket_lines`
    const { lines, taxes, tickets } = db.prepare(sums).get() as Record<string, number>
    expect(lines).toBe(tickets)
    expect(taxes).toBe(tickets)
    const payments = count('SELECT sum(amount) FROM ticket_payments')
    expect(payments).toBe(count(`SELECT sum(total_incl + rounding) FROM tickets WHERE kind <> 'proforma'`))
  })

  test('the perpetual total never resets', () => {
    const sql = `SELECT perpetual_total FROM closures WHERE register_id = 1 AND type = 'day' ORDER BY number`
    const totals = db.prepare(sql).pluck().all() as number[]
    expect(totals.length).toBeGreaterThan(20)
    expect(totals).toEqual(totals.toSorted((one, other) => one - other))
    expect(totals.at(-1)).toBe(
      count(`SELECT sum(total_incl) FROM tickets
      WHERE register_id = 1 AND kind IN ('sale', 'refund', 'void')`),
    )
  })

  test('a month is closed when it is over', () => {
    const months = db.prepare(`SELECT period FROM closures WHERE type = 'month' AND register_id = 2 ORDER BY seq`)
    expect(months.pluck().all()).toEqual(['2026-01', '2026-02'])
  })

  test('has everything that happens in a shop', () => {
    const kinds = db.prepare('SELECT DISTINCT kind FROM tickets ORDER BY 1').pluck().all()
    expect(kinds).toEqual(
      expect.arrayContaining(['cash_in', 'cash_out', 'proforma', 'refund', 'sale', 'training', 'void']),
    )
    const methods = db.prepare('SELECT DISTINCT method FROM ticket_payments').pluck().all()
    expect(methods).toEqual(expect.arrayContaining(['cash', 'card', 'meal_voucher', 'gift_card', 'account', 'cheque']))
    expect(count(`SELECT count(*) FROM orders WHERE status = 'open' AND cart <> '[]'`)).toBeGreaterThan(0)
    expect(count('SELECT count(*) FROM tickets WHERE tip > 0 AND discount >= 0')).toBeGreaterThan(0)
    expect(count('SELECT count(*) FROM customers WHERE balance > 0')).toBeGreaterThan(0)
    expect(count('SELECT count(*) FROM ticket_lines WHERE discount > 0')).toBeGreaterThan(0)
  })

  test('the installer’s test rows are on their own register, with chains of their own', () => {
    expect(db.prepare('SELECT DISTINCT register_id FROM tickets WHERE is_test = 1').pluck().all()).toEqual([3])
    expect(db.prepare('SELECT DISTINCT is_test FROM closures WHERE register_id = 3').pluck().all()).toEqual([1])
  })

  test('the shop is closed on Mondays', () => {
    const mondays = `SELECT count(*) FROM tickets WHERE register_id < 3 AND strftime('%w', business_date) = '1'`
    expect(count(mondays)).toBe(0)
  })

  test('a journal is kept as a till would', () => {
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  })
})

test('the same seed makes the same shop', async () => {
  const options = { days: 6, ticketsPerDay: 40, pictures: 12 }
  await using one = await makeTestShop(options)
  await using same = await makeTestShop(options)
  await using other = await makeTestShop({ ...options, seed: 2 })
  expect(await fingerprint(same)).toEqual(await fingerprint(one))
  expect(await fingerprint(other)).not.toEqual(await fingerprint(one))
})

test('a shop before its hand-over has test rows only, in a rollback journal if asked', async () => {
  await using made = await makeTestShop({
    days: 3,
    ticketsPerDay: 20,
    isInService: false,
    journalMode: 'rollback',
  })
  const { databaseFile, keyFile } = made
  const early = openDatabase(databaseFile, { readonly: true })
  expect(early.prepare('SELECT DISTINCT is_test FROM tickets').pluck().all()).toEqual([1])
  expect(early.pragma('journal_mode', { simple: true })).toBe('delete')
  early.close()
  expect(verifyShop(databaseFile, keyFile)).toEqual([])
})

test('a shop may be encrypted', async () => {
  const databaseKey = "l'été"
  await using made = await makeTestShop({ days: 2, ticketsPerDay: 10, databaseKey })
  const { databaseFile, keyFile } = made
  expect((await readFile(databaseFile)).subarray(0, 15).toString('latin1')).not.toBe('SQLite format 3')
  expect(verifyShop(databaseFile, keyFile, { databaseKey })).toEqual([])
})

test('never makes a shop over another one', async () => {
  await using made = await makeTestShop({ days: 1, ticketsPerDay: 5 })
  await expect(makeTestShop({ days: 1, ticketsPerDay: 5, folder: made.folder })).rejects.toThrow(/EEXIST/)
})

function count(sql: string): number {
  return Number(db.prepare(sql).pluck().get())
}

async function fingerprint({ databaseFile, imagesFolder, keyFile }: MadeShop): Promise<readonly string[]> {
  const made = openDatabase(databaseFile, { readonly: true })
  const prints = REFERENCE_TABLES.map(({ name }) => {
    const hash = createHash('sha256')
    for (const row of made.prepare(`SELECT * FROM ${name} ORDER BY rowid`).iterate()) hash.update(JSON.stringify(row))
    return `${name} ${hash.digest('hex')}`
  })
  made.close()
  const files = await readdir(imagesFolder, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of [...paths, keyFile].sort()) {
    prints.push(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    )
  }
  return prints
}
