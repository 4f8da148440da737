import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqlite } from '../../../work/sqlite.ts'
import { isRestlessPage } from './is-restless-page.ts'

const PAGE = 4096

test('the pages of an index on random keys are restless', () => {
  const pages = indexPages('hex(randomblob(16))')
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.every(isRestlessPage)).toBe(true)
})

test.each([
  ['keys that grow with the rows', "printf('%08d', value)"],
  ['keys that fall with the rows', "printf('%08d', 999999 - value)"],
  ['keys too long for a page', "printf('%08d', value) || hex(zeroblob(2000))"],
])('the pages of an index on %s are not', (_, key) => {
  const pages = indexPages(key)
  expect(pages.length).toBeGreaterThan(2)
  expect(pages.some(isRestlessPage)).toBe(false)
})

test('of an index with few keys, only the pages are where one ends', () => {
  expect(indexPages('value % 3').filter(isRestlessPage)).toHaveLength(2)
})

test('the pages of a table are not', () => {
  expect(pagesOf('hex(randomblob(16))', 0x0d).some(isRestlessPage)).toBe(false)
})

test('any bytes can be asked', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 1024 }), fc.nat(700), (bytes, cells) => {
      const page = Buffer.from(bytes)
      if (page.byteLength > 5) {
        page[0] = 0x0a
        page.writeUInt16BE(cells, 3)
      }
      expect(isRestlessPage(page)).toBeTypeOf('boolean')
    }),
    { numRuns: 2000 },
  )
})

test('a page of an index can be asked whatever its bytes have become', () => {
  const [page = Buffer.alloc(0)] = indexPages('hex(randomblob(16))')
  for (let at = 1; at < PAGE; at += 1) {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const broken = Buffer.from(page)
      broken[at] = byte
      expect(isRestlessPage(broken)).toBeTypeOf('boolean')
    }
  }
})

function indexPages(key: string): Buffer[] {
  return pagesOf(key, 0x0a)
}

function pagesOf(key: string, type: number): Buffer[] {
  using db = openSqlite(':memory:', 'read-write')
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, k); CREATE INDEX i ON t (k)')
  db.exec(
    `INSERT INTO t SELECT value, ${key} FROM (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 4000) SELECT * FROM n)`,
  )
  const file = db.serialize()
  return Array.from({ length: file.byteLength / PAGE }, (_, n) => file.subarray(n * PAGE, (n + 1) * PAGE)).filter(
    (page) => page[0] === type && page.readUInt16BE(3) >= 4,
  )
}
