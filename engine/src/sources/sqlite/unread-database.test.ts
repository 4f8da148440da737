import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Heading, SourceSettings } from '../../model/index.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import { collect } from '../../testing/collect.ts'
import { syntheticHeading, syntheticShop } from '../../testing/synthetic-snapshot.ts'
import { standingClock, testJob } from '../../testing/test-job.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { systemClock } from '../../work/system-clock.ts'
import { SqliteSource, type SqliteSourceOptions } from './sqlite-source.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe unread é '))
  file = join(folder, 'pos.db')
  mkdirSync(join(folder, 'scratch'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const heading: Omit<Heading, 'takenAt'> = syntheticHeading(syntheticShop(), 1)
const HOUR_MS = 3_600_000

describe.each(['wal', 'delete'] as const)('a till in %s mode', (mode) => {
  test.each(['runs', 'is closed'])('that %s and sells nothing is not read again', async (how) => {
    using till = makeTill(mode)
    if (how === 'is closed') {
      till.close()
    }
    const first = await take()
    expect(first.copies).toBe(1)
    expect(await take()).toEqual({ ...first, copies: 0 })
    expect(await take({ laterMs: 3 * HOUR_MS })).toEqual({ ...first, copies: 0 })
  })

  test.each(['runs', 'is closed'])('that %s and has sold is read', async (how) => {
    using till = makeTill(mode)
    await take()
    sell(till)
    if (how === 'is closed') {
      till.close()
    }
    const next = await take()
    expect(next.copies).toBe(1)
    expect(next.sales).toBe(2)
  })

  test('that was replaced by a file of the same length and time is read', async () => {
    makeTill(mode).close()
    const other = join(folder, 'other.db')
    copyFileSync(file, other)
    using till = openSqlite(other, 'read-write')
    till.exec("UPDATE sales SET note = 'b'")
    till.pragma('wal_checkpoint(TRUNCATE)')
    till.close()
    await take()
    const long = new Date(nowMs() - HOUR_MS)
    rmSync(file)
    copyFileSync(other, file)
    utimesSync(file, long, long)
    expect((await take()).copies).toBe(1)
  })
})

test('a sale that lies in the WAL is seen where a power cut has left an old index beside it', async () => {
  using till = makeTill('wal')
  await take()
  const index = readFileSync(`${file}-shm`)
  sell(till)
  writeFileSync(`${file}-shm`, index)
  expect((await take()).copies).toBe(1)
})

test.each<[string, Partial<SqliteSourceOptions>, string, number]>([
  ['for a day', {}, '1.0.0', 25 * HOUR_MS],
  ['since the clock was set back', {}, '1.0.0', -HOUR_MS],
  ['by this version', {}, '1.0.1', 0],
  ['for these settings', { settings: { ...settingsOf(), images: '/nowhere' } as SourceSettings }, '1.0.0', 0],
])('a database that has not been read %s is read', async (_, options, tillsafeVersion, laterMs) => {
  makeTill('wal').close()
  await take({ tillsafeVersion: '1.0.0' })
  const settings = { ...settingsOf(), ...options.settings, database: file } as SourceSettings
  expect((await take({ settings, tillsafeVersion, laterMs })).copies).toBe(1)
})

test('a database that was written to a moment ago is read again', async () => {
  makeTill('wal').close()
  await take({ laterMs: -60_000 })
  expect((await take({ laterMs: -59_000 })).copies).toBe(1)
})

test.each(['lost', 'cut', 'changed in one bit', 'of another kind'])(
  'where what was remembered is %s, it is read',
  async (how) => {
    makeTill('wal').close()
    await take()
    const remembered = join(folder, 'last', 'main.read')
    const bytes = readFileSync(remembered)
    const damaged: Record<string, Buffer> = {
      cut: bytes.subarray(0, bytes.byteLength - 9),
      'changed in one bit': Buffer.from(bytes.map((byte, at) => (at === bytes.byteLength - 20 ? byte ^ 4 : byte))),
      'of another kind': Buffer.from(`${sha256OfBytes('{}')}{}`),
    }
    rmSync(remembered)
    if (how !== 'lost') {
      writeFileSync(remembered, damaged[how] ?? '')
    }
    expect((await take()).copies).toBe(1)
  },
)

test('a source that may not leave it unread reads it', async () => {
  makeTill('wal').close()
  await take()
  expect((await take({ mayStayInPlace: false })).copies).toBe(1)
})

test('the bytes of an unread database are there for who asks, and nothing of the copy stays', async () => {
  makeTill('wal').close()
  await take()
  await using snapshot = await source().take({ ...heading, tillsafeVersion: '1.0.0' }, jobAt(), {
    mayStayInPlace: true,
    withPageMap: true,
  })
  const [entry] = await collect(snapshot.entries())
  expect(copies()).toEqual([])
  const bytes = await readAll((await entry?.open()) as AsyncIterable<Uint8Array>)
  expect(sha256OfBytes(bytes)).toBe((await snapshot.facts()).database.sha256)
  expect((await entry?.hashes?.map())?.bytes).toBe(bytes.byteLength)
  await snapshot[Symbol.asyncDispose]()
  expect(copies()).toEqual([])
})

test('who asks for them after a sale is told so', async () => {
  using till = makeTill('wal')
  await take()
  await using snapshot = await source().take({ ...heading, tillsafeVersion: '1.0.0' }, jobAt(), {
    mayStayInPlace: true,
    withPageMap: true,
  })
  sell(till)
  const [entry] = await collect(snapshot.entries())
  await expect(entry?.open()).rejects.toMatchObject({ code: 'source.busy' })
  expect(copies()).toEqual([])
})

interface Taking {
  readonly laterMs?: number
  readonly tillsafeVersion?: string
  readonly settings?: SourceSettings
  readonly mayStayInPlace?: boolean
}

/** Takes a snapshot; says how often the database was copied, and what the snapshot says of it. */
async function take({ laterMs = 0, tillsafeVersion = '1.0.0', settings, mayStayInPlace = true }: Taking = {}): Promise<{
  copies: number
  sha256: string
  sales: number
}> {
  const from = source(settings)
  await using snapshot = await from.take({ ...heading, tillsafeVersion }, jobAt(laterMs), { mayStayInPlace })
  const made = copies().length
  const { database } = await snapshot.facts()
  const [sales] = database.fingerprint.tables.map(({ rows }) => rows)
  return { copies: made, sha256: database.sha256, sales: sales ?? -1 }
}

function source(settings = settingsOf()): SqliteSource {
  return new SqliteSource({ settings, scratch: join(folder, 'scratch'), lastRead: join(folder, 'last', 'main.read') })
}

function settingsOf(): SourceSettings {
  return { engine: 'sqlite', database: file } as SourceSettings
}

function nowMs(): number {
  return Date.parse(systemClock.now())
}

/** Some time after the last sale. */
function jobAt(laterMs = 0): ReturnType<typeof testJob> {
  return testJob({ clock: standingClock(new Date(nowMs() + 60_000 + laterMs).toISOString()) })
}

function copies(): string[] {
  return readdirSync(join(folder, 'scratch'))
}

function makeTill(mode: 'wal' | 'delete'): Sqlite {
  const till = openSqlite(file, 'create', 5000)
  till.pragma(`journal_mode = ${mode}`)
  till.exec('CREATE TABLE sales (id INTEGER PRIMARY KEY, note TEXT)')
  sell(till)
  return till
}

function sell(till: Sqlite): void {
  till.exec("INSERT INTO sales (note) VALUES ('a')")
}
