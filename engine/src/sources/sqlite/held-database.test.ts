import { fork, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeBank, stateOfBank } from '../../../../tools/bank.ts'
import { bytesContent, readAll } from '../../snapshot/bytes-content.ts'
import type { Range } from '../../snapshot/content.ts'
import { hashDatabase } from '../../snapshot/pages/hash-database.ts'
import { testJob } from '../../testing/test-job.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { HeldDatabase } from './held-database.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe held é '))
  file = join(folder, 'pos.db')
  mkdirSync(join(folder, 'scratch'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const PAGE_SIZES = [512, 4096, 65_536]

test.each(PAGE_SIZES)('while nobody sells it is read where it lies, with pages of %i bytes', async (pageSize) => {
  using till = makeTill(pageSize)
  till.exec("INSERT INTO sales (note) VALUES ('not checkpointed')")
  await using held = await hold()
  const bytes = await readWhole(held)
  expect(bytes.byteLength).toBe(Number(till.pragma('page_count', { simple: true })) * pageSize)
  expect(sha256OfBytes(bytes)).toBe(held.copy.sha256)
  expect(held.copy.way).toBe('held')
  expectSales(bytes, 301)
  const [start, end] = [pageSize + 7, 3 * pageSize - 5]
  expect((await readAll(await held.content.open({ start, end }))).equals(bytes.subarray(start, end))).toBe(true)
  const inspected = await held.inspected
  expect([inspected.faults, inspected.fingerprint]).toEqual([[], held.copy.fingerprint])
  const { map } = await hashDatabase(bytesContent(bytes), Math.max(4096, pageSize), new AbortController().signal)
  expect((await held.map())?.encode()).toEqual(map.encode())
  expect(copies()).toEqual([])
})

test('a till that is closed finds its files as it left them, and what it was is known', async () => {
  makeTill().close()
  const before = readFileSync(file)
  await using held = await hold()
  await readWhole(held)
  await held.inspected
  expect(await held.release()).toMatchObject({ mark: expect.any(String) })
  await held[Symbol.asyncDispose]()
  expect(readdirSync(folder).sort()).toEqual(['pos.db', 'scratch'])
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
})

test('after a sale the till is let go, and what was held stays as it was', async () => {
  using till = makeTill()
  await using held = await hold()
  sell(till)
  await waitFor(() => existsSync(join(folder, 'scratch')) && canEmptyWal(till))
  expect(copies()).toHaveLength(1)
  const bytes = await readWhole(held)
  expect(sha256OfBytes(bytes)).toBe(held.copy.sha256)
  expectSales(bytes, 300)
  expect((await held.inspected).fingerprint).toEqual(held.copy.fingerprint)
  expect(await held.release()).toBeUndefined()
})

test('who is reading while somebody sells gets the bytes of one state', async () => {
  using till = makeTill(4096, 6000)
  await using held = await hold()
  const hash = createHash('sha256')
  let chunks = 0
  for await (const chunk of await held.content.open()) {
    hash.update(chunk)
    chunks += 1
    sell(till)
    await setTimeout(40)
  }
  expect(chunks).toBeGreaterThan(10)
  expect(hash.digest('hex')).toBe(held.copy.sha256)
  expect(copies()).toHaveLength(1)
  expect((await held.inspected).fingerprint).toEqual(held.copy.fingerprint)
})

test('a till that empties its WAL without a sale has not to wait for long', async () => {
  using till = makeTill()
  await using held = await hold()
  const script = `
    import { openSqlite } from ${JSON.stringify(join(import.meta.dirname, '../../work/sqlite.ts'))}
    const till = openSqlite(${JSON.stringify(file)}, 'read-write', 10_000)
    const begun = performance.now()
    const [{ busy }] = till.pragma('wal_checkpoint(TRUNCATE)')
    console.log(JSON.stringify({ busy, waitedMs: performance.now() - begun }))`
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(other.stdout, 'data')) as [Buffer]
  const { busy, waitedMs } = JSON.parse(said.toString()) as { busy: number; waitedMs: number }
  expect(busy).toBe(0)
  expect(waitedMs).toBeLessThan(5000)
  expect(till.open).toBe(true)
  expect(sha256OfBytes(await readWhole(held))).toBe(held.copy.sha256)
})

test('two who read at once, one of whom stops early, each get their bytes', async () => {
  using till = makeTill(4096, 6000)
  await using held = await hold()
  const whole = await readWhole(held)
  const [first, second] = await Promise.all([readWhole(held), firstChunk(held, { start: 700_000, end: 3_000_000 })])
  expect(first.equals(whole)).toBe(true)
  expect(second.byteLength).toBeGreaterThan(100_000)
  expect(second.equals(whole.subarray(700_000, 700_000 + second.byteLength))).toBe(true)
  expect(till.open).toBe(true)
})

test('who gives up before it was looked into leaves nothing behind', async () => {
  using till = makeTill(4096, 6000)
  const held = await hold()
  await held[Symbol.asyncDispose]()
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
  sell(till)
  expect(canEmptyWal(till)).toBe(true)
})

test('a job that is cancelled already holds nothing', async () => {
  using _ = makeTill()
  const job = testJob()
  job.cancel()
  await expect(hold(job)).rejects.toMatchObject({ code: 'job.cancelled' })
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
})

test('where there is no room for a copy it is held on', async () => {
  using till = makeTill()
  await using held = await hold()
  for (const name of readdirSync(join(folder, 'scratch'))) {
    mkdirSync(join(folder, 'scratch', name, 'database')) // where the copy would go
  }
  sell(till)
  await setTimeout(500)
  expect(sha256OfBytes(await readWhole(held))).toBe(held.copy.sha256)
  expect(canEmptyWal(till)).toBe(false)
})

test('where the process that holds it is gone, that is an error, and nothing waits for ever', async () => {
  makeTill(4096, 3000).close()
  await using held = await hold()
  await held.release()
  await expect(readWhole(held)).rejects.toMatchObject({ code: 'source.busy' })
})

test('what is damaged is told as it is of a copy', async () => {
  makeTill(4096, 2000).close()
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 40 * 4096, 41 * 4096)
  writeFileSync(file, bytes)
  await using held = await hold()
  const inspected = await held.inspected.catch((error: unknown) => error)
  expect(inspected).toMatchObject({ faults: expect.arrayContaining([expect.any(String)]) })
})

test('one in rollback mode is not held', async () => {
  using till = makeTill()
  till.pragma('journal_mode = DELETE')
  const holding = { database: file, scratch: join(folder, 'scratch') }
  expect(await HeldDatabase.hold(holding, testJob())).toBeUndefined()
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
})

test('who cancels lets the till go at once', async () => {
  using till = makeTill()
  const job = testJob()
  await using held = await hold(job)
  job.cancel()
  await expect(readWhole(held)).rejects.toMatchObject({ code: 'job.cancelled' })
  await held[Symbol.asyncDispose]()
  sell(till)
  expect(canEmptyWal(till)).toBe(true)
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
})

test('a killed program does not hold the till', async () => {
  using till = makeTill()
  const script = `
    import { HeldDatabase } from ${JSON.stringify(join(import.meta.dirname, 'held-database.ts'))}
    const job = { signal: new AbortController().signal, report() {} }
    await HeldDatabase.hold(${JSON.stringify({ database: file, scratch: join(folder, 'scratch') })}, job)
    console.log('held')
    setInterval(() => {}, 1000)`
  const program = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(program.stdout, 'data')
  program.kill('SIGKILL')
  await once(program, 'exit')
  sell(till)
  await waitFor(() => canEmptyWal(till))
})

test('each of 40 held states under a writer that checkpoints at random is one committed state', async () => {
  using bank = openSqlite(file, 'create')
  bank.pragma('journal_mode = WAL')
  makeBank(bank)
  bank.close()
  const writer = fork(join(import.meta.dirname, 'busy-writer-child.ts'), [file, `${file}-ledger`], { execArgv: [] })
  await once(writer, 'message')
  const states: string[] = []
  try {
    for (let n = 0; n < 40; n += 1) {
      writer.kill('SIGSTOP') // anywhere, in the middle of a commit too
      const held = await HeldDatabase.hold({ database: file, scratch: join(folder, 'scratch') }, testJob())
      writer.kill('SIGCONT')
      if (held !== undefined) {
        await using _ = held
        const bytes = await readWhole(held)
        expect(sha256OfBytes(bytes)).toBe(held.copy.sha256)
        expect((await held.inspected).fingerprint).toEqual(held.copy.fingerprint)
        states.push(stateOf(bytes))
      }
    }
  } finally {
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
  const committed = new Set(readFileSync(`${file}-ledger`, 'utf8').split('\n'))
  expect(states.length).toBeGreaterThan(20)
  expect(states.filter((state) => !committed.has(state))).toEqual([])
})

async function hold(job = testJob()): Promise<HeldDatabase> {
  const held = await HeldDatabase.hold({ database: file, scratch: join(folder, 'scratch') }, job)
  if (held === undefined) {
    throw new Error('it could not be held')
  }
  return held
}

async function readWhole(held: HeldDatabase): Promise<Buffer> {
  return readAll(await held.content.open())
}

async function firstChunk(held: HeldDatabase, range: Range): Promise<Buffer> {
  for await (const chunk of await held.content.open(range)) {
    return Buffer.from(chunk)
  }
  throw new Error('there is none')
}

function makeTill(pageSize = 4096, sales = 300): Sqlite {
  const till = openSqlite(file, 'create')
  till.pragma(`page_size = ${pageSize}`)
  till.pragma('journal_mode = WAL')
  till.exec('CREATE TABLE sales (id INTEGER PRIMARY KEY, note TEXT); CREATE INDEX by_note ON sales (note)')
  till.transaction(() => {
    const insert = till.prepare('INSERT INTO sales (note) VALUES (?)')
    for (let n = 0; n < sales; n += 1) {
      insert.run(`${n} ${'x'.repeat(900)}`)
    }
  })()
  return till
}

function sell(till: Sqlite): void {
  till.exec("INSERT INTO sales (note) VALUES ('sold meanwhile')")
}

/** Whether a checkpoint that empties the WAL gets through: it has to wait for all who read. */
function canEmptyWal(till: Sqlite): boolean {
  till.pragma('busy_timeout = 0')
  const [{ busy }] = till.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
  return busy === 0
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries += 1) {
    expect(tries).toBeLessThan(200)
    await setTimeout(50)
  }
}

function copies(): string[] {
  return readdirSync(join(folder, 'scratch'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('database'),
  )
}

function expectSales(bytes: Buffer, sales: number): void {
  const copy = join(folder, 'read.db')
  writeFileSync(copy, bytes)
  using database = openSqlite(copy, 'read-only')
  expect(database.prepare('SELECT count(*) FROM sales').pluck().get()).toBe(sales)
}

function stateOf(bytes: Buffer): string {
  const copy = join(folder, 'read.db')
  writeFileSync(copy, bytes)
  using database = openSqlite(copy, 'read-only')
  return stateOfBank(database)
}
