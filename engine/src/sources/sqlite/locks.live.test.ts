import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

describe.skipIf(needs('strace'))('a snapshot of a database in WAL mode, traced', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillsafe-locks-'))
    const database = join(folder, 'pos.db')
    till = openSqlite(database, 'create')
    till.pragma('journal_mode = WAL')
    till.exec('CREATE TABLE tickets (id INTEGER PRIMARY KEY); INSERT INTO tickets VALUES (1), (2)')
    trace = traceLocks(database)
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
})

function exclusive(file: string): string[] {
  return trace.filter((line) => line.includes(file) && line.includes('F_WRLCK'))
}

/** The lock calls of a process that takes one snapshot. */
function traceLocks(database: string): string[] {
  const output = join(folder, 'trace')
  const task = {
    kind: 'snapshot',
    database,
    target: join(folder, 'copy'),
    limits: { milliseconds: 1e6, walGrowthBytes: 1e12 },
  }
  const script = `
    import { takeSnapshot } from ${JSON.stringify(join(import.meta.dirname, 'take-snapshot.ts'))}
    await takeSnapshot(${JSON.stringify(task)}, async () => undefined)`
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-e', 'trace=fcntl', '-o', output, process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return readFileSync(output, 'utf8')
    .split('\n')
    .filter((line) => line.includes('LK'))
}
