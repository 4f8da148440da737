import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Content } from '../../../snapshot/content.ts'
import { hashDatabase } from '../../../snapshot/pages/hash-database.ts'
import { pageBytesOf } from '../../../snapshot/pages/page-bytes.ts'
import { PageMap } from '../../../snapshot/pages/page-map.ts'
import { openSqlite, type Sqlite } from '../../../work/sqlite.ts'
import { cutDatabase, type FormerDatabase } from './cut-database.ts'
import type { NewPiece, Piece } from './piece.ts'

const PAGE = 4096
const KIB = 1024
const WINDOW = 4096 * KIB

test('the pieces of a database are the database, through any history of edits', async () => {
  await fc.assert(
    fc.asyncProperty(history(), chunkBytes(), async (made, chunk) => {
      const vault = new Vault()
      let former: FormerDatabase | undefined
      for (const state of statesOf(made)) {
        former = await vault.save(state, made.pageSize, former, chunk)
      }
    }),
    { numRuns: 60 },
  )
})

test('a cut and a map of anything else give a piece as known only where the map has every page of it', async () => {
  await fc.assert(
    fc.asyncProperty(foreignFormer(), async (made) => {
      const { state, former } = invented(made)
      const map = await mapOf(state)
      let at = 0
      for await (const piece of cutDatabase(contentOf(state), map, former)) {
        if (piece.kind === 'new') {
          expect(piece.bytes.equals(state.subarray(at, at + piece.bytes.byteLength))).toBe(true)
        } else {
          expectSamePages(map, former.map, at, at + piece.bytes)
        }
        at += piece.kind === 'new' ? piece.bytes.byteLength : piece.bytes
      }
      expect(at).toBe(state.byteLength)
    }),
    { numRuns: 200 },
  )
})

test('an unchanged database is known, all of it', async () => {
  const state = randomPages(2500, 1)
  const pieces = await again(state, state)
  expect(pieces.every((piece) => piece.kind === 'known')).toBe(true)
})

test('a changed page costs its run once, and from then on itself', async () => {
  const vault = new Vault()
  const first = randomPages(300, 1)
  const former = await vault.save(first, PAGE)
  expect(vault.storedBytes).toBe(300 * PAGE)
  const second = withPage(first, 100, 2)
  const split = await vault.save(second, PAGE, former)
  expect(vault.storedBytes).toBe(256 * KIB)
  await vault.save(withPage(second, 100, 3), PAGE, split)
  expect(vault.storedBytes).toBe(PAGE)
})

test('a run of which half has changed stays in one piece', async () => {
  const before = randomPages(64, 1)
  const former = await new Vault().save(before, PAGE)
  const state = Buffer.concat([randomPages(40, 2), before.subarray(40 * PAGE)])
  const pieces = await collect(cutDatabase(contentOf(state), await mapOf(state), former))
  expect(pieces.map((piece) => piece.bytes instanceof Buffer && piece.bytes.byteLength / PAGE)).toEqual([1, 63])
})

test('a cut by pages of another size is not used', async () => {
  const vault = new Vault()
  const state = randomPages(300, 1)
  const former = await vault.save(state, 4096)
  const larger = await vault.save(withPage(state, 7, 2), 8192, former)
  await vault.save(withPage(state, 9, 2), 4096, larger)
})

test('what is appended every day is stored once', async () => {
  const vault = new Vault()
  let state = randomPages(100, 1)
  let former = await vault.save(state, PAGE)
  for (let day = 2; day < 40; day += 1) {
    state = Buffer.concat([state, randomPages(3, day)])
    former = await vault.save(state, PAGE, former)
    expect(vault.storedBytes).toBe(3 * PAGE)
  }
})

test('pages of an index on random keys are blobs of their own from the start', async () => {
  const state = salesDatabase((db) => sell(db, 3000))
  const pieces = await again(state)
  const singles = pieces.filter((piece): piece is NewPiece => piece.kind === 'new' && piece.restless)
  expect(singles.length).toBeGreaterThan(20)
  expect(singles.every(({ bytes }) => bytes.byteLength === PAGE)).toBe(true)
})

test('a database that is sold from, cleaned up, shrunk and filled again comes back each time', async () => {
  const vault = new Vault()
  const db = openSales()
  let former: FormerDatabase | undefined
  const deeds = [
    () => sell(db, 4000),
    () => sell(db, 40),
    () => db.exec('DELETE FROM sales WHERE id % 3 = 0'),
    () => db.exec('VACUUM'),
    () => sell(db, 500),
    () => db.exec('UPDATE sales SET note = note || note WHERE id % 50 = 0'),
    () => db.exec('DELETE FROM sales; VACUUM'),
    () => sell(db, 2000),
  ]
  for (const deed of deeds) {
    deed()
    former = await vault.save(db.serialize(), PAGE, former)
  }
  db.close()
})

test.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, WINDOW - 1, WINDOW, WINDOW + 1])(
  'a file of %i bytes grows and shrinks by a byte, a page and a block',
  async (bytes) => {
    const all = randomPages(WINDOW / PAGE + 20, 1)
    for (const step of [-64 * KIB, -PAGE, -1, 0, 1, PAGE, 64 * KIB]) {
      const vault = new Vault()
      const former = await vault.save(all.subarray(0, bytes), PAGE)
      await vault.save(all.subarray(0, Math.max(0, bytes + step)), PAGE, former)
    }
  },
)

test('a page that changes back comes back, at the cost of a page', async () => {
  const vault = new Vault()
  const before = randomPages(300, 1)
  const former = await vault.save(before, PAGE)
  const changed = await vault.save(withPage(before, 10, 2), PAGE, former)
  await vault.save(before, PAGE, changed)
  expect(vault.storedBytes).toBe(PAGE)
})

test('nothing is read that is far from a change', async () => {
  const before = randomPages(2000, 1)
  const former = await new Vault().save(before, PAGE)
  const state = withPage(withPage(before, 1100, 2), 1500, 2)
  const content = contentOf(state)
  let opened = 0
  const counting: Content = {
    bytes: content.bytes,
    open: (range) => {
      opened += (range?.end ?? content.bytes) - (range?.start ?? 0)
      return content.open(range)
    },
  }
  await collect(cutDatabase(counting, await mapOf(state), former))
  expect(opened).toBe(2 * 256 * KIB)
})

test.each([false, true])(
  'a page that is not what the map says is told, and not stored (a backup before: %s)',
  async (isNext) => {
    const before = randomPages(300, 1)
    const state = withPage(before, 12, 2)
    const former = isNext ? await new Vault().save(before, PAGE) : undefined
    const rotten = Buffer.from(state)
    rotten[12 * PAGE + 77] = (rotten[12 * PAGE + 77] ?? 0) ^ 1
    await expect(collect(cutDatabase(contentOf(rotten), await mapOf(state), former))).rejects.toMatchObject({
      code: 'backup.damaged',
      message: 'page 13 is not what was copied from the database',
    })
  },
)

test.each([true, false])('a database that ends before its length is an error (a backup before: %s)', async (isNext) => {
  const before = randomPages(300, 1)
  const former = await new Vault().save(before.subarray(0, 100 * PAGE), PAGE)
  const short = contentOf(before.subarray(0, 200 * PAGE))
  const content: Content = { bytes: before.byteLength, open: (range) => short.open(range) }
  const pieces = cutDatabase(content, await mapOf(before), isNext ? former : undefined)
  await expect(collect(pieces)).rejects.toMatchObject({ code: 'source.unreadable' })
})

/** Stores what is new, and expects of each cut that what it names is the content. */
class Vault {
  readonly #blobs = new Map<string, Buffer>()
  /** What the last cut stored. */
  storedBytes = 0

  async save(state: Buffer, pageSize: number, former?: FormerDatabase, chunk?: number): Promise<FormerDatabase> {
    this.storedBytes = 0
    const map = await mapOf(state, pageSize)
    const ids: Buffer[] = []
    for await (const piece of cutDatabase(contentOf(state, chunk), map, former)) {
      ids.push(piece.kind === 'known' ? Buffer.from(piece.ids) : this.#store(piece.bytes))
    }
    const all = Buffer.concat(ids)
    const blobs = Array.from({ length: all.byteLength / 32 }, (_, n) =>
      this.#blobs.get(all.toString('hex', 32 * n, 32 * n + 32)),
    )
    const whole = blobs.map((blob) => blob ?? Buffer.from('a blob that nobody stored'))
    expect(Buffer.concat(whole).equals(state)).toBe(true)
    const decoded = PageMap.decode(map.encode())
    return { cut: { ids: all, bytes: Uint32Array.from(whole, (blob) => blob.byteLength) }, map: decoded ?? map }
  }

  #store(bytes: Buffer): Buffer {
    const id = hash('sha256', bytes, 'buffer')
    if (!this.#blobs.has(id.toString('hex'))) {
      this.#blobs.set(id.toString('hex'), Buffer.from(bytes))
      this.storedBytes += bytes.byteLength
    }
    return id
  }
}

interface History {
  readonly pageSize: number
  readonly start: number
  readonly seed: number
  readonly edits: readonly { pages: [place: number, kind: number][]; bytes: number | undefined; shift: number }[]
}

/** A file and edits of it: pages changed, all moved, cut, grown. Few kinds of pages, so that they repeat. */
function history(): fc.Arbitrary<History> {
  const edit = fc.record({
    pages: fc.array(fc.tuple(fc.nat(), fc.nat(5)), { maxLength: 12 }),
    bytes: fc.oneof(
      fc.constant(undefined),
      fc.nat(600 * KIB),
      fc.nat(150).map((pages) => pages * PAGE),
    ),
    shift: fc.constantFrom(0, 0, 0, 1, 512, PAGE, 5 * PAGE),
  })
  return fc.record({
    pageSize: fc.constantFrom(4096, 4096, 512, 1024, 8192, 65_536, 0, 5000),
    start: fc.oneof(fc.nat(600 * KIB), fc.nat(600 * KIB), fc.constantFrom(0, 1, 400 * PAGE, WINDOW + 3 * PAGE)),
    seed: fc.nat(5),
    edits: fc.array(edit, { minLength: 1, maxLength: 5 }),
  })
}

function statesOf({ start, seed, edits }: History): Buffer[] {
  const states = [randomPages(Math.ceil(start / PAGE), seed).subarray(0, start)]
  for (const { pages, bytes, shift } of edits) {
    const before = states.at(-1) ?? Buffer.alloc(0)
    const state = Buffer.alloc(bytes ?? before.byteLength)
    randomPages(Math.ceil(state.byteLength / PAGE), 77).copy(state)
    before.copy(state, 0, Math.min(shift, before.byteLength))
    for (const [place, kind] of pages) {
      const at = (place % Math.max(1, Math.ceil(state.byteLength / PAGE))) * PAGE
      state.fill(kind, at, Math.min(state.byteLength, at + PAGE))
    }
    states.push(state)
  }
  return states
}

interface ForeignFormer {
  readonly lengths: readonly number[]
  readonly seed: number
  readonly pages: number
  readonly wrong: readonly number[]
  readonly odd: boolean
}

function foreignFormer(): fc.Arbitrary<ForeignFormer> {
  const length = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 70 }).map((pages) => pages * PAGE) },
    fc.nat(300_000),
  )
  return fc.record({
    lengths: fc.array(length, { maxLength: 12 }),
    seed: fc.nat(2),
    pages: fc.nat(300),
    wrong: fc.array(fc.nat(600), { maxLength: 20 }),
    odd: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
  })
}

/** A cut with invented ids, and a map that is in part right. */
function invented({ lengths, seed, pages, wrong, odd }: ForeignFormer): { state: Buffer; former: FormerDatabase } {
  const sum = lengths.reduce((all, bytes) => all + bytes, 0)
  const map = new PageMap(PAGE, odd ? sum + 1 : sum)
  const right = randomPages(map.pages, seed)
  for (let page = 0; page < map.pages; page += 1) {
    const bytes = wrong.includes(page) ? Buffer.from('wrong') : right.subarray(page * PAGE, (page + 1) * PAGE)
    map.hashes.set(page, bytes)
  }
  const cut = { ids: Buffer.alloc(32 * lengths.length, 9), bytes: Uint32Array.from(lengths) }
  return { state: randomPages(pages, seed), former: { cut, map } }
}

function chunkBytes(): fc.Arbitrary<number> {
  return fc.constantFrom(512 * KIB, 1, 4095, 65_536, 65_537, 6_000_000).map((bytes) => Math.max(bytes, 500))
}

async function again(state: Buffer, before?: Buffer): Promise<Piece[]> {
  const former = before && (await new Vault().save(before, PAGE))
  return collect(cutDatabase(contentOf(state), await mapOf(state), former))
}

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = []
  for await (const piece of pieces) {
    all.push(piece)
  }
  return all
}

async function mapOf(state: Buffer, pageSize = PAGE): Promise<PageMap> {
  return (await hashDatabase(contentOf(state), pageBytesOf(pageSize), new AbortController().signal)).map
}

function expectSamePages(one: PageMap, other: PageMap, start: number, end: number): void {
  for (let page = start / PAGE; page < Math.ceil(end / PAGE); page += 1) {
    expect(one.hashes.equals(page, other.hashes)).toBe(true)
  }
}

/** A content whose one chunk buffer is overwritten by the next chunk, as the contract allows. */
function contentOf(bytes: Buffer, chunk = 512 * KIB): Content {
  return {
    bytes: bytes.byteLength,
    async open({ start, end } = { start: 0, end: bytes.byteLength }) {
      const limit = Math.min(end, bytes.byteLength)
      return (async function* () {
        const buffer = Buffer.alloc(Math.max(0, Math.min(chunk, limit - start)))
        for (let at = start; at < limit; at += buffer.byteLength) {
          const copied = bytes.copy(buffer, 0, at, limit)
          yield buffer.subarray(0, copied)
          buffer.fill(0xee)
        }
      })()
    },
  }
}

/** Pages that look like no pages of SQLite's, each unlike all others. */
function randomPages(pages: number, seed: number): Buffer {
  const bytes = Buffer.alloc(pages * PAGE)
  for (let page = 0; page < pages; page += 1) {
    bytes.fill(`${seed} ${page} `, page * PAGE, (page + 1) * PAGE)
  }
  return bytes
}

function withPage(state: Buffer, page: number, seed: number): Buffer {
  const copy = Buffer.from(state)
  return copy.fill(`changed ${seed}`, page * PAGE, (page + 1) * PAGE)
}

function salesDatabase(fill: (db: Sqlite) => void): Buffer {
  const db = openSales()
  fill(db)
  const file = db.serialize()
  db.close()
  return file
}

function openSales(): Sqlite {
  const db = openSqlite(':memory:', 'read-write')
  db.exec('CREATE TABLE sales (id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, note TEXT)')
  return db
}

function sell(db: Sqlite, sales: number): void {
  const insert = db.prepare('INSERT INTO sales (uid, note) VALUES (hex(randomblob(16)), ?)')
  db.transaction(() => {
    for (let n = 0; n < sales; n += 1) {
      insert.run('a table of four')
    }
  })()
}
