import { copyFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { makeTestShop, type TestShop } from '../testing/make-test-shop.ts'
import type { Finding } from './finding.ts'
import { verifyShop } from './verify-shop.ts'

let shop: TestShop

beforeAll(async () => {
  shop = await makeTestShop({ days: 10, ticketsPerDay: 40 })
  return () => shop[Symbol.asyncDispose]()
})

describe('what is tampered with is found', () => {
  const cases: readonly (readonly [string, string, Finding['kind'][]])[] = [
    ['a ticket’s time', `UPDATE tickets SET issued_at = '2026-11-13T10:00:00+01:00' WHERE seq = 20`, ['HASH_MISMATCH']],
    ['a line’s label', `UPDATE ticket_lines SET label = 'Rien' WHERE id = 30`, ['HASH_MISMATCH']],
    [
      'a payment’s method',
      `UPDATE ticket_payments SET method = 'cash' WHERE id = (SELECT max(id) FROM ticket_payments
      WHERE method = 'card')`,
      ['HASH_MISMATCH'],
    ],
    [
      'a lower total',
      'UPDATE tickets SET total_incl = total_incl - 100 WHERE seq = 21',
      ['TICKET_TOTAL_MISMATCH', 'CLOSURE_MISMATCH'],
    ],
    ['a line taken out', 'DELETE FROM ticket_lines WHERE id = 40', ['HASH_MISMATCH', 'TICKET_TOTAL_MISMATCH']],
    [
      'a ticket taken out',
      'DELETE FROM tickets WHERE id = 50',
      ['SEQ_GAP', 'PREV_MISMATCH', 'ORPHAN_ROW', 'NUMBERING'],
    ],
    [
      'a closure’s total',
      `UPDATE closures SET period_total = period_total + 1 WHERE seq = 3`,
      ['CLOSURE_MISMATCH', 'PERPETUAL_BREAK'],
    ],
    [
      'a perpetual total',
      'UPDATE closures SET perpetual_total = 0 WHERE seq = 3',
      ['HASH_MISMATCH', 'PERPETUAL_BREAK'],
    ],
    ['an audit entry', `UPDATE audit_entries SET description = 'Rien' WHERE seq = 9`, ['HASH_MISMATCH']],
    [
      'a reprint taken out',
      'DELETE FROM reprints WHERE id = (SELECT min(id) FROM reprints)',
      ['DUPLICATE_COUNT_MISMATCH'],
    ],
    ['a closure taken out', 'DELETE FROM closures WHERE seq = 4', ['SEQ_GAP', 'NUMBERING', 'CLOSURE_MISSING']],
  ]

  test.each(cases)('%s', async (name, sql, kinds) => {
    const file = `${shop.databaseFile}-${cases.findIndex((one) => one[0] === name)}`
    await copyFile(shop.databaseFile, file)
    const db = openDatabase(file)
    db.pragma('foreign_keys = OFF')
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0)
    db.close()
    const found = new Set(verifyShop(file, shop.keyFile).map((finding) => finding.kind))
    expect(found).toEqual(new Set([...found, ...kinds]))
  })
})

test('another shop’s key verifies nothing', async () => {
  await using other = await makeTestShop({ days: 1, ticketsPerDay: 5, seed: 2 })
  const found = verifyShop(shop.databaseFile, other.keyFile).map((finding) => finding.kind)
  expect(new Set(found)).toEqual(new Set(['UNKNOWN_KEY', 'HASH_MISMATCH']))
})
