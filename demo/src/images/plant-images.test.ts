import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { makeTestShop, type TestShop } from '../testing/make-test-shop.ts'

let shop: TestShop

beforeAll(async () => {
  shop = await makeTestShop({ days: 1, ticketsPerDay: 5, pictures: 14 })
  return () => shop[Symbol.asyncDispose]()
})

test('one of everything that goes wrong with images is there', () => {
  const { duplicates, orphans, oversized, broken, missing } = shop.images
  for (const found of [duplicates, orphans, oversized, missing]) expect(found.length).toBeGreaterThan(0)
  expect(new Set(broken.map(({ why }) => why))).toEqual(new Set(['truncated', 'wrong-extension', 'empty']))
})

test('what is said of the images is so', async () => {
  const { duplicates, oversized, broken, missing } = shop.images
  for (const path of missing) await expect(stat(file(path))).rejects.toThrow(/ENOENT/)
  for (const path of oversized) expect((await sharp(file(path)).metadata()).width).toBe(3000)
  for (const [first = '', ...others] of duplicates) {
    for (const other of others) expect(await readFile(file(other))).toEqual(await readFile(file(first)))
  }
  for (const { path, why } of broken) {
    if (why === 'wrong-extension') expect((await sharp(file(path)).metadata()).format).toBe('png')
    else await expect(sharp(file(path)).raw().toBuffer()).rejects.toThrow()
  }
})

test('every named file is there, but for the missing ones', async () => {
  const db = openDatabase(shop.databaseFile, { readonly: true })
  const sql = `SELECT image_path FROM products WHERE image_path IS NOT NULL
    UNION SELECT image_path FROM categories WHERE image_path IS NOT NULL`
  const paths = db.prepare(sql).pluck().all() as string[]
  db.close()
  const there = paths.filter((path) => !shop.images.missing.includes(path))
  expect(there.length).toBe(paths.length - shop.images.missing.length)
  for (const path of there) expect((await stat(file(path))).isFile()).toBe(true)
})

function file(path: string): string {
  return join(shop.imagesFolder, path)
}
