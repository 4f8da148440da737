import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite, type Sqlite } from '../work/sqlite.ts'
import { systemClock } from '../work/system-clock.ts'
import { analyzeFile } from './analyze-file.ts'
import { BackupCenter } from './backup-center.ts'
import { changeDatabaseKey } from './change-database-key.ts'
import { addWorkspace } from './change-workspaces.ts'
import { createShop } from './create-shop.ts'
import { needsEarlierKey } from './database-keys.ts'
import { Home } from './home.ts'
import { overview } from './overview.ts'
import { RestoreJournal } from './restore-journal.ts'
import { writeSecrets } from './secrets.ts'
import { quietJob, Shop } from './shop.ts'
import { writeSettings } from './write-settings.ts'

/** Raw keys open at once; deriving one from a passphrase takes a fifth of a second each time. */
const KEY = `x'${'ab12'.repeat(16)}'`
const NEW_KEY = `the till's "new" key é`
const CANARY = 'Canary of the Café du Port'
const MISTAKE = { confirm: 'RESTORE', reason: 'mistake' } as const
const SINCE = '2026-01-01T00:00:00.000Z'

let folder: string
let home: string
let database: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe sealed é '))
  home = join(folder, 'home')
  database = join(folder, 'till', 'pos.db')
  mkdirSync(join(folder, 'till'))
  sell(100)
  await createShop(home, {
    name: 'Café',
    country: 'BE',
    timeZone: 'Europe/Brussels',
    source: { engine: 'sqlite', database },
    databaseKey: { key: KEY, format: 4, since: SINCE },
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a shop whose database is encrypted', () => {
  test('is backed up, verified and restored, and that can be taken back', async () => {
    await using center = await open()
    const { backup } = await center.backUp().result
    expect(backup.label.database).toMatchObject({ encryption: 'sqlcipher-4', condition: 'sound' })
    expect(backup.label.database.fingerprint.tables).toEqual([{ name: 'tickets', rows: 100 }])
    expect(await center.verify(backup.label.id).result).toMatchObject({ ok: true })
    sell(7)
    await center.restore(await center.planRestore(backup.label.id), MISTAKE).result
    expect(tickets()).toBe(100)
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets()).toBe(107)
    expect(filesWith(CANARY)).toEqual([])
  })

  test('is checked and tidied up', async () => {
    await using center = await open()
    expect(await center.checkDatabase().result).toMatchObject({ ok: true })
    expect(await center.optimizeDatabase().result).toMatchObject({ vacuumed: false })
    expect(await overview(center.shop, undefined, job())).toMatchObject({
      state: 'sound',
      database: { encryption: 'sqlcipher-4' },
    })
  })

  test('in rollback-journal mode is restored as well', async () => {
    withTill((till) => till.pragma('journal_mode = DELETE'))
    const id = await backUpOnce()
    withTill((till) => till.exec(`INSERT INTO tickets (note) VALUES ('later')`))
    await restore(id)
    expect(tickets()).toBe(100)
  })

  test('keeps its key in secrets.json only, which nobody else may read', async () => {
    await restore(await backUpOnce())
    expect(filesWith(KEY.slice(2, 40))).toEqual(['home/secrets.json'])
    expect(statSync(join(home, 'secrets.json')).mode & 0o777).toBe(0o600)
  })

  test('is restored into a folder, still encrypted', async () => {
    const id = await backUpOnce()
    await using center = await open()
    const restored = await center.restoreInto({ id }, join(folder, 'elsewhere')).result
    expect(tickets(KEY, restored.database)).toBe(100)
    expect(filesWith(CANARY)).toEqual([])
  })

  test('is looked into from a file that somebody brings, with the keys that the shop knows', async () => {
    const brought = join(folder, 'brought.db')
    withTill((till) => {
      till.exec(`INSERT INTO tickets (note) VALUES ('in the WAL')`)
      copyFileSync(database, brought)
      copyFileSync(`${database}-wal`, `${brought}-wal`)
    })
    sell(5)
    await using center = await open()
    const analysis = await analyzeFile(brought, center.shop, job())
    expect(analysis.workspaces[0]?.tables).toEqual([{ name: 'tickets', rows: 101 }])
    await expect(analyzeFile(brought, undefined, job())).rejects.toMatchObject({ code: 'source.key-needed' })
    await center.restore(await center.planRestoreFile(brought), { confirm: 'FOREIGN', reason: 'mistake' }).result
    expect(tickets()).toBe(101)
  })
})

describe('a decided restore of an encrypted database', () => {
  test('is finished, also when the WAL was brought home meanwhile and every page encrypted anew', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    const before = readFileSync(database)
    withTill((till) => {
      till.pragma('wal_checkpoint(TRUNCATE)')
      till.pragma('journal_mode = DELETE')
      till.pragma('journal_mode = WAL')
    })
    expect(readFileSync(database).equals(before)).toBe(false)
    await using center = await open()
    expect(center.recovered[0]).toContain('finished')
    expect(tickets()).toBe(100)
  })

  test('is given up when the till has sold since', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    sell(3)
    await using center = await open()
    expect(center.recovered[0]).toContain('given up')
    expect(tickets()).toBe(108)
  })

  test('is given up when the till has changed its key since', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    rekey(NEW_KEY)
    await using center = await open()
    expect(center.recovered[0]).toContain('given up')
    expect(tickets(NEW_KEY)).toBe(105)
  })

  test('waits when its key is lost', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    await loseKeys()
    await using center = await open()
    expect(center.recovered[0]).toContain("can't be finished yet")
  })
})

describe('when the till has changed its key', () => {
  beforeEach(async () => {
    await backUpOnce()
    rekey(NEW_KEY)
  })

  test('a backup says that the key is wrong, and the older one stays whole', async () => {
    await using center = await open()
    await expect(center.backUp().result).rejects.toMatchObject({ code: 'source.key-wrong' })
    const { backups } = await center.findBackups()
    expect(backups).toHaveLength(1)
    expect(await center.verify(backups[0]?.label.id ?? '').result).toMatchObject({ ok: true })
  })

  test('old and new backups are verified and restored once the new key is known', async () => {
    await noteKey(NEW_KEY)
    const newer = await backUpOnce()
    await using center = await open()
    const [, older] = (await center.findBackups()).backups
    expect(await center.verify(older?.label.id ?? '').result).toMatchObject({ ok: true })
    expect(await center.verify(newer).result).toMatchObject({ ok: true })
    const isOlder = (takenAt: string) => needsEarlierKey(center.shop.secrets, center.shop.workspace(), takenAt)
    expect([isOlder(older?.label.takenAt ?? ''), isOlder(systemClock.now())]).toEqual([true, false])
    await center.restore(await center.planRestore(older?.label.id ?? ''), MISTAKE).result
    expect(tickets(KEY)).toBe(100)
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets(NEW_KEY)).toBe(100)
  })

  test('a database that opens with no key we know is set aside, and kept, when a person insists', async () => {
    const changed = readFileSync(database)
    await using center = await open()
    const [backup] = (await center.findBackups()).backups
    const plan = await center.planRestore(backup?.label.id ?? '')
    expect(plan).toMatchObject({ current: 'damaged', confirmation: 'RESTORE WITHOUT SAFETY BACKUP' })
    await center.restore(plan, { confirm: plan.confirmation, reason: 'mistake' }).result
    expect(tickets()).toBe(100)
    const kept = join(folder, 'till', `.tillsafe-restore-${plan.id}`, 'kept', 'database')
    expect(readFileSync(kept).equals(changed)).toBe(true)
  })
})

describe('is refused, and nothing is written:', () => {
  test.each(['backUp', 'checkDatabase'] as const)('%s without the key', async (work) => {
    await loseKeys()
    await using center = await open()
    await expect(center[work]().result).rejects.toMatchObject({ code: 'source.key-needed' })
    expect((await center.findBackups()).backups).toEqual([])
  })

  test('a restore and a check of a backup whose key is lost', async () => {
    const id = await backUpOnce()
    await loseKeys()
    rmSync(database)
    await using center = await open()
    const { ok, problems } = await center.verify(id).result
    expect([ok, problems.join()]).toEqual([false, expect.stringContaining('there is no key for it')])
    const plan = await center.planRestore(id)
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'source.key-needed' })
    expect(readdirSync(join(folder, 'till'))).toEqual([])
  })

  test('a backup of a plain file under the name of an encrypted one', async () => {
    await backUpOnce()
    rmSync(database)
    using plain = openSqlite(database, 'create')
    plain.exec('CREATE TABLE tickets (a)')
    await using center = await open()
    await expect(center.backUp().result).rejects.toMatchObject({ code: 'source.not-encrypted' })
    expect((await center.findBackups()).backups).toHaveLength(1)
    expect(readdirSync(join(home, 'scratch'))).toEqual([])
  })

  test('a backup of an encrypted file under a plain name', async () => {
    await forgetEncryption()
    await using center = await open()
    await expect(center.backUp().result).rejects.toMatchObject({ code: 'source.key-needed' })
    expect(await overview(center.shop, undefined, job())).toMatchObject({ failure: { code: 'source.key-needed' } })
  })

  test('a restore of a plain backup over an encrypted database', async () => {
    const plain = join(folder, 'plain.db')
    using connection = openSqlite(plain, 'create')
    connection.exec('CREATE TABLE tickets (a)')
    connection.close()
    const before = readFileSync(database)
    await using center = await open()
    await expect(center.planRestoreFile(plain)).rejects.toMatchObject({ code: 'source.not-encrypted' })
    expect(readFileSync(database).equals(before)).toBe(true)
    expect(readdirSync(join(folder, 'till')).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

test('a second workspace has a key of its own', async () => {
  const other = join(folder, 'other.db')
  const cipher = { format: 3, key: 'another key' } as const
  using money = openSqlite(other, 'create', 0, cipher)
  money.exec('CREATE TABLE money (a)')
  await addWorkspace(await Shop.open(home), {
    name: 'Money',
    kind: 'other',
    source: { engine: 'sqlite', database: other },
    databaseKey: { ...cipher, since: SINCE },
  })
  await using center = await open()
  const { backup } = await center.backUp({ workspace: 'money' }).result
  expect(backup.label.database.encryption).toBe('sqlcipher-3')
  expect(await center.verify(backup.label.id, 'money').result).toMatchObject({ ok: true })
})

function open(): Promise<BackupCenter> {
  return BackupCenter.open(home, { version: 'test' })
}

function job() {
  return quietJob(systemClock)
}

async function backUpOnce(): Promise<string> {
  await using center = await open()
  return (await center.backUp().result).backup.label.id
}

async function restore(id: string): Promise<void> {
  await using center = await open()
  await center.restore(await center.planRestore(id), MISTAKE).result
}

/** A restore whose process died between the decision and the swap. */
async function cutAfterCommit(id: string): Promise<void> {
  sell(5)
  await using center = await open()
  const plan = await center.planRestore(id)
  const source = await center.shop.source(center.shop.workspace())
  center.shop.source = async () =>
    Object.assign(source, { swap: () => Promise.reject(new Error('the power went out')) })
  await expect(center.restore(plan, MISTAKE).result).rejects.toThrow('the power went out')
  expect(await new RestoreJournal(new Home(home)).entries()).toMatchObject([
    { state: 'commit', expected: { kind: 'unchanged-content' } },
  ])
}

function sell(count: number, key = KEY): void {
  withTill((till) => {
    till.pragma('journal_mode = WAL')
    till.exec('CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, note TEXT)')
    const insert = till.prepare('INSERT INTO tickets (note) VALUES (?)')
    till.transaction(() => {
      for (let n = 0; n < count; n += 1) {
        insert.run(`${CANARY} ${'x'.repeat(200)}`)
      }
    })()
  }, key)
}

function tickets(key = KEY, file = database): number {
  using connection = openSqlite(file, 'read-write', 0, { format: 4, key })
  return Number(connection.prepare('SELECT count(*) FROM tickets').pluck().get())
}

function withTill(work: (till: Sqlite) => void, key = KEY): void {
  using till = openSqlite(database, 'create', 1000, { format: 4, key })
  work(till)
}

/** As a till does it: in rollback-journal mode, every page anew. */
function rekey(key: string): void {
  withTill((till) => {
    till.pragma('journal_mode = DELETE')
    till.pragma(`rekey = '${key.replaceAll("'", "''")}'`)
    till.pragma('journal_mode = WAL')
  })
}

async function noteKey(key: string): Promise<void> {
  await changeDatabaseKey(await Shop.open(home), undefined, { key, format: 4, since: systemClock.now() })
}

async function loseKeys(): Promise<void> {
  const { secrets } = await Shop.open(home)
  await writeSecrets(new Home(home), { ...secrets, databaseKeys: {} })
}

async function forgetEncryption(): Promise<void> {
  const { settings } = await Shop.open(home)
  await writeSettings(new Home(home), {
    ...settings,
    workspaces: settings.workspaces.map((workspace) => ({ ...workspace, source: { engine: 'sqlite', database } })),
  })
}

/** The files below the folder of the test that hold a text. */
function filesWith(text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .filter((file) => readFileSync(file).includes(text))
    .map((file) => file.slice(folder.length + 1))
}
