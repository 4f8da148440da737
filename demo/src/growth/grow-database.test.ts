import { expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { makeTestShop } from '../testing/make-test-shop.ts'
import { verifyShop } from '../verify/verify-shop.ts'
import { growDatabase } from './grow-database.ts'

test('a grown database is whole, as large as asked, and ties', async () => {
  await using shop = await makeTestShop({ days: 4, ticketsPerDay: 60 })
  const { databaseFile, keyFile } = shop
  const before = verifyShop(databaseFile, keyFile)
  await growDatabase(databaseFile, 12_000_000)
  const db = openDatabase(databaseFile, { readonly: true })
  const size = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
  expect(size).toBeGreaterThanOrEqual(12_000_000)
  expect(size).toBeLessThan(14_000_000)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  db.close()
  expect(before).toEqual([])
  const kinds = new Set(verifyShop(databaseFile, keyFile).map((finding) => finding.kind))
  expect(kinds).toEqual(new Set(['HASH_MISMATCH']))
})
