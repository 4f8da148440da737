import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeBank, rowsOfBank, stateOfBank } from '../../../../tools/bank.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { openSqlite, type Sqlite, type SqliteCipher } from '../../work/sqlite.ts'
import type { CipherKey } from './cipher-key.ts'
import { copyByVacuum } from './copy-by-vacuum.ts'
import { findCipher } from './find-cipher.ts'
import { inspect } from './inspect.ts'
import { openLive } from './open-live.ts'
import type { PageCipher } from './page-cipher.ts'
import { readFingerprint } from './read-fingerprint.ts'
import type { SnapshotResult, SnapshotTask } from './snapshot-task.ts'
import { takeSnapshot } from './take-snapshot.ts'

const KEY = `it's "é" — クチ`
const RAW = `x'${'0123456789abcdef'.repeat(4)}'`

/** A sentence that no file may ever hold, since it stands in an encrypted database only. */
const CANARY = 'Canary of the Café du Port'

interface BankOptions extends SqliteCipher {
  readonly journalMode?: 'wal' | 'delete'
}

let folder: string
let file: string
let copy: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe encrypted é '))
  file = join(folder, 'pos.db')
  copy = join(folder, 'copy.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const quiet = async () => undefined

describe.each([4, 3] as const)('SQLCipher %i', (format) => {
  test.each(['wal', 'delete'] as const)(
    'a copy in %s mode opens with the key, and is what a reader sees',
    async (journalMode) => {
      using till = makeEncryptedBank(file, { format, key: KEY, journalMode })
      till.exec(`INSERT INTO moves (note) VALUES ('the last one')`)
      const result = await snapshot([{ key: KEY }])
      expect(result.way).toBe(journalMode === 'wal' ? 'wal' : 'steps')
      expectSame(result, till, { format, key: KEY })
    },
  )

  test.each([1024, 2048, 8192, 65_536])('pages of %i bytes are recognised', async (pageSize) => {
    const cipher = { format, pageSize, key: KEY }
    using till = makeEncryptedBank(file, cipher)
    expectSame(await snapshot([{ key: KEY }]), till, cipher)
  })

  test.each(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])('a state after a %s checkpoint is copied', async (mode) => {
    using till = makeEncryptedBank(file, { format, key: RAW })
    till.pragma(`wal_checkpoint(${mode})`)
    expectSame(await snapshot([{ key: RAW }]), till, { format, key: RAW })
    till.exec(`INSERT INTO moves (note) VALUES ('after the checkpoint')`)
    expectSame(await snapshot([{ key: RAW }]), till, { format, key: RAW })
  })

  test('a WAL that a crash left is copied', async () => {
    using till = makeEncryptedBank(file, { format, key: RAW })
    const crashed = join(folder, 'crashed.db')
    copyFileSync(file, crashed)
    copyFileSync(`${file}-wal`, `${crashed}-wal`)
    await takeSnapshot(task([{ key: RAW }], crashed), quiet)
    using opened = openSqlite(copy, 'read-only', 0, { format, key: RAW })
    expect(rowsOfBank(opened)).toEqual(rowsOfBank(till))
  })

  test('a WAL whose checksums are over plain text, as SQLite3MC made them before 1.3, is copied all the same', async () => {
    using till = makeEncryptedBank(file, { format, key: RAW, journalMode: 'delete' })
    till.close()
    using old = openOldWal(format)
    old.pragma('journal_mode = WAL')
    old.exec(`INSERT INTO moves (note) VALUES ('summed up before it was encrypted')`)
    const result = await snapshot([{ key: RAW }])
    expect(result.way).toBe('wal')
    expectSame(result, old, { format, key: RAW })
  })

  test('an older key of the history opens an older copy', async () => {
    makeEncryptedBank(file, { format, key: 'the old one' }).close()
    await snapshot([{ key: 'the old one' }])
    const keys = [{ key: 'the new one' }, { key: 'the old one' }]
    expect(inspect({ kind: 'inspect', file: copy, of: 'it', keys })).toMatchObject({
      encryption: `sqlcipher-${format}`,
      key: 1,
      faults: [],
    })
  })

  test('any byte that changes in a page that is in use is found by the check', async () => {
    makeEncryptedBank(file, { format, key: RAW, journalMode: 'delete' }).close()
    const whole = readFileSync(file)
    const pageSize = format === 4 ? 4096 : 1024
    for (let at = pageSize + 11; at < whole.byteLength; at += pageSize) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(copy, bytes)
      expect(lookInto(copy), `byte ${at}`).not.toEqual([])
    }
  })
})

test('each of 200 snapshots under an encrypted writer that checkpoints at random is one committed state', async () => {
  makeEncryptedBank(file, { format: 4, key: RAW }).close()
  const states: string[] = []
  const ways = new Set<string>()
  const writer = await startWriter()
  try {
    for (let n = 0; n < 200; n += 1) {
      const { fingerprint, way } = await snapshot([{ key: RAW }])
      ways.add(way)
      using opened = openSqlite(copy, 'read-only', 0, { format: 4, key: RAW })
      expect(opened.pragma('quick_check', { simple: true })).toBe('ok')
      expect(readFingerprint(opened)).toEqual(fingerprint)
      states.push(stateOfBank(opened))
    }
  } finally {
    await stop(writer)
  }
  const committed = new Set(readFileSync(`${file}-ledger`, 'utf8').split('\n'))
  expect(states.filter((state) => !committed.has(state))).toEqual([])
  expect(new Set(states).size).toBeGreaterThan(100)
  expect([...ways]).toEqual(['wal'])
}, 60_000)

test('where pages can’t be read directly, the copy is written anew with the same key', async () => {
  makeEncryptedBank(file, { format: 4, key: RAW }).close()
  const writer = await startWriter()
  try {
    const cipher = findCipher(file, [{ key: RAW }])?.cipher as PageCipher
    using connection = openLive(file, 5000, cipher)
    connection.exec('BEGIN')
    const { fingerprint } = copyByVacuum(connection, task([{ key: RAW }]), cipher)
    using opened = openSqlite(copy, 'read-only', 0, { format: 4, key: RAW })
    expect(opened.prepare('SELECT sum(cents) FROM accounts').pluck().get()).toBe(200_000)
    expect(readFingerprint(opened)).toEqual(fingerprint)
    expect(readFileSync(copy).includes(CANARY)).toBe(false)
  } finally {
    await stop(writer)
  }
})

describe('what does not open is said', () => {
  const cipher: BankOptions = { format: 4, key: KEY }

  test.each([
    ['no key', undefined, 'source.key-needed'],
    ['a lost key', [], 'source.key-needed'],
    ['a wrong key', [{ key: `${KEY} ` }], 'source.key-wrong'],
    ['a wrong raw key', [{ key: RAW }], 'source.key-wrong'],
    ['the right key in the wrong format', [{ key: KEY, format: 3 }], 'source.key-wrong'],
  ] as const)('%s', async (_, keys, code) => {
    makeEncryptedBank(file, cipher).close()
    const before = sha256OfBytes(readFileSync(file))
    const failure = await takeSnapshot(task(keys), quiet).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code })
    expect(String((failure as Error).stack)).not.toContain(KEY)
    expect(readdirSync(folder)).toEqual(['pos.db'])
    expect(sha256OfBytes(readFileSync(file))).toBe(before)
  })

  test('a plain file where an encrypted one is expected', async () => {
    const plain = openSqlite(file, 'create')
    plain.exec('CREATE TABLE t (a)')
    plain.close()
    await expect(takeSnapshot(task([{ key: KEY }]), quiet)).rejects.toMatchObject({ code: 'source.not-encrypted' })
    expect(readdirSync(folder)).toEqual(['pos.db'])
  })

  test('a key that fits pages but not the first one: the file is damaged, the key is not', async () => {
    makeEncryptedBank(file, cipher).close()
    const bytes = readFileSync(file)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await expect(takeSnapshot(task([{ key: KEY }]), quiet)).rejects.toMatchObject({ code: 'source.damaged' })
  })

  test('a text, and a file that is cut short, are no encrypted database', async () => {
    writeFileSync(file, 'a text of a shop '.repeat(512))
    await expect(takeSnapshot(task([{ key: KEY }]), quiet)).rejects.toMatchObject({ code: 'source.not-a-database' })
    rmSync(file)
    makeEncryptedBank(file, cipher).close()
    truncateSync(file, 8000)
    await expect(takeSnapshot(task(undefined), quiet)).rejects.toMatchObject({ code: 'source.not-a-database' })
  })
})

function task(keys: readonly CipherKey[] | undefined, database = file): SnapshotTask {
  const limits = { milliseconds: 60_000, walGrowthBytes: 1e12 }
  return { kind: 'snapshot', database, target: copy, limits, ...(keys && { keys }) }
}

async function snapshot(keys: readonly CipherKey[]): Promise<SnapshotResult> {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${copy}${suffix}`, { force: true })
  }
  return takeSnapshot(task(keys), quiet)
}

/** The copy opens alone with the same key, holds what the till's own connection sees, and hides it. */
function expectSame(result: SnapshotResult, till: Sqlite, cipher: SqliteCipher): void {
  const bytes = readFileSync(copy)
  expect(sha256OfBytes(bytes)).toBe(result.sha256)
  expect(bytes.byteLength).toBe(result.bytes)
  expect(bytes.includes(CANARY)).toBe(false)
  expect(result.encryption).toBe(`sqlcipher-${cipher.format}`)
  using opened = openSqlite(copy, 'read-only', 0, cipher)
  expect(opened.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(readFingerprint(opened)).toEqual(readFingerprint(till))
  expect(result.fingerprint).toEqual(readFingerprint(till))
  expect(rowsOfBank(opened)).toEqual(rowsOfBank(till))
}

function lookInto(path: string): readonly string[] {
  try {
    return inspect({ kind: 'inspect', file: path, of: 'it', keys: [{ key: RAW }] }).faults
  } catch (error) {
    return [(error as Error).message]
  }
}

function openOldWal(format: 3 | 4): Sqlite {
  const old = openSqlite(file, 'read-write', 5000)
  for (const pragma of [`cipher = 'sqlcipher'`, `legacy = ${format}`, 'mc_legacy_wal = 1', `key = "${RAW}"`]) {
    old.pragma(pragma)
  }
  return old
}

function makeEncryptedBank(file: string, { journalMode = 'wal', ...cipher }: BankOptions): Sqlite {
  const till = openSqlite(file, 'create', 5000, cipher)
  till.pragma(`journal_mode = ${journalMode}`)
  makeBank(till)
  till.exec(`INSERT INTO moves (note) VALUES ('${CANARY}')`)
  return till
}

async function startWriter(): Promise<ChildProcess> {
  const writer = fork(join(import.meta.dirname, 'busy-writer-child.ts'), [file, `${file}-ledger`, RAW], {
    execArgv: [],
  })
  await once(writer, 'message')
  return writer
}

async function stop(writer: ChildProcess): Promise<void> {
  const ended = once(writer, 'exit')
  writer.kill('SIGKILL')
  await ended
}
