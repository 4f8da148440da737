import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import type { MadeShop } from '../generator/shop-options.ts'
import { makeTestShop } from '../testing/make-test-shop.ts'
import { verifyShop } from '../verify/verify-shop.ts'
import type { SellerOptions } from './seller-options.ts'
import { startSeller } from './start-seller.ts'

test('the seller’s acknowledged tickets are all in the database, though it was killed', async () => {
  await using shop = await makeTestShop({ days: 3, ticketsPerDay: 30 })
  const ledger = { file: `${shop.folder}/ledger`, isSynced: false }
  const seller = await startSeller({ ...optionsFor(shop), ledger })
  await setTimeout(400)
  await seller.kill()
  const lines = (await readFile(ledger.file, 'utf8')).split('\n').filter((line) => line.split('\t').length === 7)
  const db = openDatabase(shop.databaseFile)
  const find = db.prepare('SELECT hash FROM tickets WHERE uid = ? AND register_id = ? AND seq = ?').pluck()
  expect(lines.length).toBeGreaterThan(5)
  for (const line of lines) {
    const [uid, register, , , seq, , hash] = line.split('\t')
    expect(find.get(uid, Number(register), Number(seq))).toBe(hash)
  }
  db.close()
  expect(verifyShop(shop.databaseFile, shop.keyFile)).toEqual([])
})

test('the seller goes on where the shop stands, and closes its day', async () => {
  await using shop = await makeTestShop({ days: 3, ticketsPerDay: 30 })
  await using seller = await startSeller({ ...optionsFor(shop), ticketsPerSecond: 100 })
  await setTimeout(300)
  const open = await seller.pause()
  const closed = await seller.closeDay()
  expect(closed.tickets).toBe(open.tickets)
  await seller.resume()
  await setTimeout(100)
  const { tickets, lastTickets, commits } = await seller.stop()
  expect(tickets).toBeGreaterThan(open.tickets)
  expect(commits.longestMs).toBeGreaterThanOrEqual(commits.p99Ms)
  const db = openDatabase(shop.databaseFile, { readonly: true })
  expect(Number(db.prepare('SELECT count(*) FROM tickets').pluck().get())).toBe(shop.tickets + tickets)
  for (const { register, uid } of lastTickets) {
    const last = db.prepare('SELECT uid FROM tickets WHERE register_id = ? ORDER BY seq DESC LIMIT 1').pluck()
    expect(last.get(register)).toBe(uid)
  }
  db.close()
  expect(verifyShop(shop.databaseFile, shop.keyFile)).toEqual([])
})

test('two sellers and random checkpoints do not disturb each other', async () => {
  await using shop = await makeTestShop({ days: 3, ticketsPerDay: 30 })
  const checkpoints = { probability: 0.1, modes: ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'] } as const
  const one = await startSeller({ ...optionsFor(shop), registers: [1], ticketsPerSecond: 60, checkpoints })
  const two = await startSeller({ ...optionsFor(shop), registers: [2], ticketsPerSecond: 60 })
  await setTimeout(500)
  const statistics = await Promise.all([one.stop(), two.stop()])
  for (const { tickets } of statistics) expect(tickets).toBeGreaterThan(3)
  expect(verifyShop(shop.databaseFile, shop.keyFile)).toEqual([])
})

test('a seller that cannot start says why', async () => {
  await using shop = await makeTestShop({ days: 1, ticketsPerDay: 5 })
  await expect(startSeller({ ...optionsFor(shop), databaseFile: `${shop.folder}/none.db` })).rejects.toThrow(
    /directory|open/,
  )
})

function optionsFor({ databaseFile, keyFile }: MadeShop): SellerOptions {
  return { databaseFile, keyFile, startAt: '2026-11-21T09:00:00+01:00', synchronous: 'NORMAL' }
}
