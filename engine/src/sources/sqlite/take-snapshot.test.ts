import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeBank, rowsOfBank, stateOfBank } from '../../../../tools/bank.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import { hashDatabase } from '../../snapshot/pages/hash-database.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { copyByEngine } from './copy-by-engine.ts'
import { openLive } from './open-live.ts'
import { readFingerprint } from './read-fingerprint.ts'
import type { SnapshotResult, SnapshotTask } from './snapshot-task.ts'
import { takeSnapshot } from './take-snapshot.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe snapshot é '))
  file = join(folder, 'pos.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const quiet = async () => undefined

describe('WAL mode', () => {
  test.each([512, 1024, 4096, 16_384, 65_536])(
    'a copy is what a reader sees, with pages of %i bytes',
    async (pageSize) => {
      using till = openBank('wal', pageSize)
      till.exec(`INSERT INTO moves (note) VALUES ('not checkpointed')`)
      const result = await snapshot()
      expect(result.way).toBe('wal')
      expectSame(result, till)
    },
  )

  test('the page map is that of the copy', async () => {
    using till = openBank('wal', 8192)
    till.exec(`INSERT INTO moves (note) VALUES (zeroblob(100000))`)
    const pageMap = join(folder, 'copy.pages')
    const { bytes } = await takeSnapshot({ ...task(), pageMap }, quiet)
    const copy = bytesContent(readFileSync(join(folder, 'copy.db')))
    const { map } = await hashDatabase(copy, 8192, new AbortController().signal)
    expect(map.bytes).toBe(bytes)
    expect(readFileSync(pageMap).equals(map.encode())).toBe(true)
  })

  test('a state that lies in the WAL alone is copied', async () => {
    using till = openBank('wal')
    till.pragma('wal_autocheckpoint = 0')
    for (let n = 0; n < 300; n += 1) {
      till.prepare('INSERT INTO moves (note) VALUES (?)').run('x'.repeat(2000))
    }
    expectSame(await snapshot(), till)
  })

  test.each(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])('a state after a %s checkpoint is copied', async (mode) => {
    using till = openBank('wal')
    till.pragma(`wal_checkpoint(${mode})`)
    expectSame(await snapshot(), till)
    till.exec(`INSERT INTO moves (note) VALUES ('after the checkpoint')`)
    expectSame(await snapshot(), till)
  })

  test('a database that shrank is copied without its old tail', async () => {
    using till = openBank('wal')
    till.prepare('INSERT INTO moves (note) VALUES (zeroblob(400000))').run()
    till.exec('DELETE FROM moves')
    till.exec('VACUUM')
    expectSame(await snapshot(), till)
  })

  test('copying changes nothing and leaves nothing beside a closed database', async () => {
    openBank('wal').close()
    const before = sha256OfBytes(readFileSync(file))
    await snapshot()
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'pos.db'])
    expect(sha256OfBytes(readFileSync(file))).toBe(before)
  })

  test('a WAL that a crash left is copied and not brought home', async () => {
    const till = openBank('wal')
    till.exec(`INSERT INTO moves (note) VALUES ('before the crash')`)
    const expected = rowsOfBank(till)
    const crashed = join(folder, 'crashed.db')
    copyFileSync(file, crashed)
    copyFileSync(`${file}-wal`, `${crashed}-wal`)
    till.close()
    const wal = statSync(`${crashed}-wal`).size
    await takeSnapshot(task(crashed), quiet)
    expect(statSync(`${crashed}-wal`).size).toBe(wal)
    using copy = openSqlite(join(folder, 'copy.db'), 'read-only')
    expect(rowsOfBank(copy)).toEqual(expected)
  })

  test('each of 150 snapshots under a writer that checkpoints at random is one committed state', async () => {
    openBank('wal').close()
    const states: string[] = []
    const writer = await startWriter()
    try {
      for (let n = 0; n < 150; n += 1) {
        const { fingerprint } = await snapshot()
        using copy = openSqlite(join(folder, 'copy.db'), 'read-only')
        expect(copy.pragma('quick_check', { simple: true })).toBe('ok')
        expect(readFingerprint(copy)).toEqual(fingerprint)
        states.push(stateOfBank(copy))
      }
    } finally {
      await stop(writer)
    }
    const committed = new Set(readFileSync(`${file}-ledger`, 'utf8').split('\n'))
    expect(states.filter((state) => !committed.has(state))).toEqual([])
  })

  test('a snapshot that is asked to last no time gives up and says so', async () => {
    using till = openBank('wal')
    till.prepare('INSERT INTO moves (note) VALUES (zeroblob(40000000))').run()
    const limits = { milliseconds: 0, walGrowthBytes: 1e12 }
    await expect(takeSnapshot({ ...task(), limits }, quiet)).rejects.toMatchObject({ code: 'source.busy' })
  })

  test('a database that another program has for itself is locked', async () => {
    using till = openBank('wal')
    till.pragma('locking_mode = EXCLUSIVE')
    till.exec('BEGIN EXCLUSIVE')
    await expect(takeSnapshot(task(), quiet)).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
  }, 20_000)
})

describe('rollback-journal mode', () => {
  test('a copy is what a reader sees', async () => {
    using till = openBank('delete')
    const result = await snapshot()
    expect(result.way).toBe('steps')
    expectSame(result, till)
  })

  test('tables without rowid, with a column named rowid, and with negative rowids are counted', async () => {
    using till = openBank('delete')
    till.exec(`CREATE TABLE bare (k TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO bare VALUES ('a'), ('b');
      CREATE TABLE named (rowid TEXT, oid TEXT); INSERT INTO named VALUES ('x', 'y');
      CREATE TABLE low (id INTEGER PRIMARY KEY); INSERT INTO low VALUES (-9223372036854775808), (-1), (9223372036854775807)`)
    expectSame(await snapshot(), till)
  })

  test('a commit between two steps makes the copy begin again', async () => {
    using till = openBank('delete')
    till.prepare('INSERT INTO moves (note) VALUES (zeroblob(60000000))').run()
    let commits = 0
    const result = await takeSnapshot(task(), async () => {
      if (commits < 3) {
        commits += 1
        till.exec(`UPDATE accounts SET cents = cents + 1 WHERE id = ${commits}`)
      }
    })
    expect(commits).toBe(3)
    expectSame(result, till)
  })

  test('a till that never stops writing is named as the reason', async () => {
    using till = openBank('delete')
    till.prepare('INSERT INTO moves (note) VALUES (zeroblob(30000000))').run()
    const writing = takeSnapshot(task(), async () => {
      till.exec('UPDATE accounts SET cents = cents + 1 WHERE id = 1')
    })
    await expect(writing).rejects.toMatchObject({ code: 'source.busy' })
    expect(existsSync(join(folder, 'copy.db'))).toBe(false)
  })
})

describe('the engine’s own backup, where pages can’t be read directly', () => {
  test('gives the same copy while the till writes', async () => {
    openBank('wal').close()
    const writer = await startWriter()
    try {
      using connection = openLive(file, 5000)
      connection.exec('BEGIN')
      connection.prepare('SELECT count(*) FROM accounts').get()
      const result = await copyByEngine(connection, task(), quiet)
      using copy = openSqlite(join(folder, 'copy.db'), 'read-only')
      expect(copy.prepare('SELECT sum(cents) FROM accounts').pluck().get()).toBe(200_000)
      expect(readFingerprint(copy)).toEqual(result.fingerprint)
    } finally {
      await stop(writer)
    }
  })

  test('is how a snapshot is taken when the WAL does not fit its index', async () => {
    using till = openBank('wal')
    till.exec(`INSERT INTO moves (note) VALUES ('not checkpointed')`)
    const wal = openSync(`${file}-wal`, 'r+')
    writeSync(wal, Buffer.alloc(8), 0, 8, 48) // the checksum of its first frame
    closeSync(wal)
    const result = await snapshot()
    expect(result.way).toBe('engine')
    using copy = openSqlite(join(folder, 'copy.db'), 'read-only')
    expect(readFingerprint(copy)).toEqual(result.fingerprint)
    expect(rowsOfBank(copy)).toEqual(rowsOfBank(till))
  })
})

test('a file that is no database is refused', async () => {
  openBank('wal').close()
  truncateSync(file, 50)
  await expect(takeSnapshot(task(), quiet)).rejects.toMatchObject({ code: 'source.not-a-database' })
})

function task(database = file): SnapshotTask {
  const limits = { milliseconds: 60_000, walGrowthBytes: 1e12 }
  return { kind: 'snapshot', database, target: join(folder, 'copy.db'), limits }
}

async function snapshot(): Promise<SnapshotResult> {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(folder, `copy.db${suffix}`), { force: true })
  }
  return takeSnapshot(task(), quiet)
}

function openBank(journalMode: 'wal' | 'delete', pageSize = 4096): Sqlite {
  const till = openSqlite(file, 'create', 5000)
  till.pragma(`page_size = ${pageSize}`)
  till.pragma(`journal_mode = ${journalMode}`)
  makeBank(till)
  return till
}

/** The copy opens alone, and holds what the till's own connection sees. */
function expectSame(result: SnapshotResult, till: Sqlite): void {
  const bytes = readFileSync(join(folder, 'copy.db'))
  expect(sha256OfBytes(bytes)).toBe(result.sha256)
  expect(bytes.byteLength).toBe(result.bytes)
  using copy = openSqlite(join(folder, 'copy.db'), 'read-only')
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(readFingerprint(copy)).toEqual(readFingerprint(till))
  expect(result.fingerprint).toEqual(readFingerprint(till))
  expect(rowsOfBank(copy)).toEqual(rowsOfBank(till))
}

async function startWriter(): Promise<ChildProcess> {
  const writer = fork(join(import.meta.dirname, 'busy-writer-child.ts'), [file, `${file}-ledger`], { execArgv: [] })
  await once(writer, 'message')
  return writer
}

async function stop(writer: ChildProcess): Promise<void> {
  const ended = once(writer, 'exit')
  writer.kill('SIGKILL')
  await ended
}
