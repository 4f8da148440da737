import { expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { makeTestShop } from '../testing/make-test-shop.ts'
import { verifyShop } from '../verify/verify-shop.ts'
import { LiveShop } from './live-shop.ts'

const DAY_MS = 86_400_000

test('a till that was left open closes its day, its month and its year before it sells again', async () => {
  await using made = await makeTestShop({ days: 2, until: '2026-12-30', ticketsPerDay: 10 })
  const { databaseFile, keyFile } = made
  let elapsed = 0
  const options = { databaseFile, keyFile, startAt: '2026-12-31T10:00:00+01:00', registers: [1] }
  const shop = new LiveShop(options, () => elapsed)
  shop.sell()
  elapsed = 3 * DAY_MS
  shop.sell()
  shop[Symbol.dispose]()
  const db = openDatabase(databaseFile, { readonly: true })
  const sealed = db.prepare('SELECT period FROM closures WHERE register_id = 1 ORDER BY seq').pluck().all()
  db.close()
  expect(sealed.slice(-3)).toEqual(['2026-12-31', '2026-12', '2026'])
  expect(verifyShop(databaseFile, keyFile)).toEqual([])
})

test('nothing is sold before the last ticket, nor in a closed month', async () => {
  await using made = await makeTestShop({ days: 2, until: '2026-10-31', ticketsPerDay: 10 })
  const { databaseFile, keyFile } = made
  const shop = new LiveShop({ databaseFile, keyFile, startAt: '2026-10-01T10:00:00+02:00' }, () => 0)
  const { ticket } = shop.sell()
  shop[Symbol.dispose]()
  expect(ticket.draft.issuedAt).toBeGreaterThan(Date.parse('2026-11-01T00:00:00+01:00'))
  expect(verifyShop(databaseFile, keyFile)).toEqual([])
})
