import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../tools/needs.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'

/** Bytes of the index file that SQLite locks: 120 to write, 121 to checkpoint, 122 to recover, then one per reader. */
const FIRST_READER_LOCK = 123
const LAST_READER_LOCK = 127

let folder: string
let till: Sqlite
let trace: string[]
let calls: string[]

const LIMITS = { milliseconds: 1e6, walGrowthBytes: 1e12 }

/** Scripts that do what the child processes do, with their names. */
const ways: Record<string, (database: string) => string> = {
  'a snapshot': (database) => `
    import { takeSnapshot } from ${ours('take-snapshot.ts')}
    const task = ${JSON.stringify({ kind: 'snapshot', database, target: join(folder, 'copy'), limits: LIMITS })}
    await takeSnapshot(task, async () => undefined)`,
  'a held database': (database) => `
    import { DatabaseHolder } from ${ours('database-holder.ts')}
    const task = ${JSON.stringify({ database, folder, limits: LIMITS })}
    const inspected = Promise.withResolvers()
    const holder = new DatabaseHolder(task, async ({ kind }) => kind === 'inspected' && inspected.resolve(), () => process.exit(1))
    await holder.hold()
    await inspected.promise
    await holder.read(0, { start: 0, end: 4096, at: 0 })
    await holder.release()`,
}

describe.skipIf(needs('strace')).each(Object.keys(ways))('%s in WAL mode, traced', (way) => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillsafe-locks-'))
    const database = join(folder, 'pos.db')
    till = openSqlite(database, 'create')
    till.pragma('journal_mode = WAL')
    till.exec('CREATE TABLE tickets (id INTEGER PRIMARY KEY); INSERT INTO tickets VALUES (1), (2)')
    calls = traceCalls(ways[way]?.(database) ?? '')
    trace = calls.filter((line) => line.includes('LK'))
  })
  afterAll(() => {
    till.close()
    rmSync(folder, { recursive: true })
  })

  test('takes locks at all, so that the trace shows something', () => {
    expect(trace.some((line) => line.includes('pos.db>') && line.includes('F_RDLCK'))).toBe(true)
    expect(trace.some((line) => line.includes('pos.db-shm>') && line.includes('F_RDLCK'))).toBe(true)
  })

  test('takes no exclusive lock on the database file', () => {
    expect(exclusive('pos.db>')).toEqual([])
  })

  test('takes no exclusive lock on the index but those of readers among each other', () => {
    const bytes = exclusive('pos.db-shm>').map((line) => Number(/l_start=(\d+)/.exec(line)?.[1]))
    expect(bytes.filter((byte) => byte < FIRST_READER_LOCK || byte > LAST_READER_LOCK)).toEqual([])
  })

  test('closes no file of the database before the last lock is given back', () => {
    const files = /(fcntl|close)\(\d+<[^>]*pos\.db(-wal|-shm)?>/
    const ofDatabase = calls.filter((line) => files.test(line))
    const lastPin = ofDatabase.findLastIndex((line) => /pos\.db-shm>, F_SETLK.*F_RDLCK/.test(line))
    const afterwards = ofDatabase.slice(lastPin)
    const unlocked = afterwards.findIndex((line) => line.includes('pos.db-shm>') && line.includes('F_UNLCK'))
    const closed = afterwards.findIndex((line) => line.includes('close('))
    expect(unlocked).toBeGreaterThan(0)
    expect(closed).toBeGreaterThan(unlocked)
  })
})

function ours(name: string): string {
  return JSON.stringify(join(import.meta.dirname, name))
}

function exclusive(file: string): string[] {
  return trace.filter((line) => line.includes(file) && line.includes('F_WRLCK'))
}

/** The calls that lock and close, of a process that runs this script. */
function traceCalls(script: string): string[] {
  const [output, program] = [join(folder, 'trace'), join(folder, 'script.mjs')]
  writeFileSync(program, script)
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-e', 'trace=fcntl,close', '-o', output, process.execPath, program],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return readFileSync(output, 'utf8').split('\n')
}
