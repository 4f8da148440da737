import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../tools/needs.ts'
import { openSqlite } from '../../work/sqlite.ts'
import { hashContentOf } from './hash-content-task.ts'
import { type SwapTask, swap } from './swap.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** A sample; with `ALL_POINTS` in the environment, every call. */
const MOST_POINTS = process.env['ALL_POINTS'] === undefined ? 12 : Number.POSITIVE_INFINITY
const CALLS = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'unlink', 'link']
const CIPHER = { format: 4, key: `x'${'cd34'.repeat(16)}'` } as const
const KEYS = [{ key: CIPHER.key }]
const OLD = 150
const NEW = 20

let folder: string
let start: string
let till: string
let task: SwapTask

describe.skipIf(needs('strace', 'tracing'))('the swap of an encrypted database', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillsafe-swap-'))
    start = join(folder, 'start')
    till = join(folder, 'till')
    await makeStart()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('killed at any of its calls, leaves the old database or the new one, and is finished by the next run', async () => {
    const points = findPoints()
    expect(points.length).toBeGreaterThan(20)
    const step = Math.max(1, Math.floor(points.length / MOST_POINTS))
    const ends: string[] = []
    for (const point of points.filter((_, n) => n % step === 0)) {
      reset()
      run(['-e', `inject=${point.call}:signal=SIGKILL:when=${point.n}`])
      ends.push(String(countCopy()))
      await swap(task, async () => true)
      expect(count(task.database), `after ${point.call} ${point.n}`).toBe(NEW)
      expect(existsSync(`${task.database}-wal`)).toBe(false)
    }
    expect([...new Set(ends)].sort()).toEqual([OLD, NEW].map(String).sort())
  }, 600_000)

  test('replaces nothing once something was sold, whatever an earlier run had done', async () => {
    const points = findPoints()
    const before = points.findIndex(({ call, path }) => call === 'rename' && path.endsWith('pos.db'))
    for (const point of [points[0], points[Math.floor(before / 2)], points[before]]) {
      reset()
      run(['-e', `inject=${point?.call}:signal=SIGKILL:when=${point?.n}`])
      {
        using sold = openSqlite(task.database, 'read-write', 1000, CIPHER)
        sold.exec(`INSERT INTO tickets (note) VALUES ('sold since')`)
      }
      await expect(swap(task, async () => true)).rejects.toMatchObject({ code: 'source.changed' })
      expect(count(task.database)).toBe(OLD + 1)
    }
  }, 60_000)
})

/** A database whose last sales are in the WAL alone, and another one that waits beside it. */
async function makeStart(): Promise<void> {
  mkdirSync(join(start, 'stage'), { recursive: true })
  const database = join(start, 'pos.db')
  const live = join(folder, 'live.db')
  using open = openSqlite(live, 'create', 0, CIPHER)
  open.pragma('journal_mode = WAL')
  open.exec('CREATE TABLE tickets (id INTEGER PRIMARY KEY, note TEXT)')
  fill(open, 100)
  open.pragma('wal_checkpoint(TRUNCATE)')
  fill(open, OLD - 100)
  copyFileSync(live, database)
  copyFileSync(`${live}-wal`, `${database}-wal`)
  const safety = join(folder, 'safety.db')
  const limits = { milliseconds: 60_000, walGrowthBytes: 1e12 }
  await takeSnapshot({ kind: 'snapshot', database: live, target: safety, limits, keys: KEYS }, async () => undefined)
  {
    using staged = openSqlite(join(start, 'stage', 'database'), 'create', 0, CIPHER)
    staged.exec('CREATE TABLE tickets (id INTEGER PRIMARY KEY, note TEXT)')
    fill(staged, NEW)
  }
  task = {
    kind: 'swap',
    database: join(till, 'pos.db'),
    staged: join(till, 'stage', 'database'),
    kept: join(till, 'stage', 'kept'),
    keys: KEYS,
    expected: {
      kind: 'unchanged-content',
      hash: hashContentOf({ kind: 'hash-content', file: safety, of: 'it', keys: KEYS }),
    },
  }
}

function fill(database: ReturnType<typeof openSqlite>, tickets: number): void {
  const insert = database.prepare('INSERT INTO tickets (note) VALUES (?)')
  for (let n = 0; n < tickets; n += 1) {
    insert.run('x'.repeat(300))
  }
}

function reset(): void {
  rmSync(till, { recursive: true, force: true })
  cpSync(start, till, { recursive: true })
}

interface Point {
  readonly call: string
  readonly n: number
  readonly path: string
}

/** Every call on the till's files, as it counts among all calls of its name in the main thread. */
function findPoints(): Point[] {
  reset()
  const trace = join(folder, 'trace')
  run(['-y', '-o', trace])
  const counts = new Map<string, number>()
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const call = /^(\w+)\(/.exec(line)?.[1] ?? ''
      const n = (counts.get(call) ?? 0) + 1
      counts.set(call, n)
      const path = new RegExp(`${till}[^">]*`).exec(line)?.[0]
      return CALLS.includes(call) && path !== undefined ? [{ call, n, path }] : []
    })
}

function run(strace: readonly string[]): void {
  const script = `
    import { swap } from ${JSON.stringify(join(import.meta.dirname, 'swap.ts'))}
    await swap(${JSON.stringify(task)}, async () => true)`
  const options = [
    '-qq',
    ...(strace.includes('-o') ? [] : ['-o', '/dev/null']),
    '-e',
    `trace=${CALLS.join()}`,
    ...strace,
  ]
  spawnSync('strace', [...options, process.execPath, '--input-type=module', '-e', script], { stdio: 'ignore' })
}

function count(file: string): number {
  using database = openSqlite(file, 'read-write', 1000, CIPHER)
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  return Number(database.prepare('SELECT count(*) FROM tickets').pluck().get())
}

/** Without disturbing what the killed run has left. */
function countCopy(): number {
  const copy = join(folder, 'copy')
  rmSync(copy, { recursive: true, force: true })
  cpSync(till, copy, { recursive: true })
  return count(join(copy, 'pos.db'))
}
