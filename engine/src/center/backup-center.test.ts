import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RestorePlan } from '../model/index.ts'
import { openSqlite, type Sqlite } from '../work/sqlite.ts'
import { systemClock } from '../work/system-clock.ts'
import { analyzeFile } from './analyze-file.ts'
import { BackupCenter } from './backup-center.ts'
import { addWorkspace } from './change-workspaces.ts'
import { createShop } from './create-shop.ts'
import { Home } from './home.ts'
import type { RestoreOutcome } from './restore.ts'
import { RestoreJournal } from './restore-journal.ts'
import { quietJob, Shop } from './shop.ts'

let folder: string
let home: string
let till: string
let database: string
let images: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe center é '))
  home = join(folder, 'home')
  till = join(folder, 'the till')
  database = join(till, 'pos.db')
  images = join(till, 'product images')
  mkdirSync(images, { recursive: true })
  sell(100)
  writeFileSync(join(images, 'café.jpg'), 'a picture')
  writeFileSync(join(images, 'same.jpg'), 'a picture')
  await createShop(home, {
    name: 'Café du Port',
    country: 'BE',
    timeZone: 'Europe/Brussels',
    source: { engine: 'sqlite', database, images },
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const MISTAKE = { confirm: 'RESTORE', reason: 'mistake' } as const

describe('a backup', () => {
  test('is found again, whole, with what the shop held at that moment', async () => {
    await using center = await open()
    const { backup, copies } = await center.backUp().result
    expect(copies).toMatchObject([{ destination: 'local', ok: true }])
    expect(backup.label).toMatchObject({ trigger: 'manual', origin: 'manual', tiers: ['manual'], sequence: 1 })
    expect(backup.label.database.fingerprint.tables).toEqual([{ name: 'tickets', rows: 100 }])
    expect(backup.label.images).toMatchObject({ count: 2 })
    expect(await center.verify(backup.label.id).result).toEqual({ id: backup.label.id, ok: true, problems: [] })
  })

  test('is found when the memory of the center is lost', async () => {
    const id = await backUpOnce()
    rmSync(join(home, 'state.db'))
    await using center = await open()
    expect((await center.findBackups()).backups.map((backup) => backup.label.id)).toEqual([id])
    expect((await center.backUp().result).backup.label.sequence).toBe(2)
  })

  test('goes to each destination, and one that fails stops no other', async () => {
    const usb = join(folder, 'usb')
    mkdirSync(usb)
    await addDestination('usb', usb)
    await addDestination('gone', join(folder, 'gone'))
    await using center = await open()
    const { backup, copies } = await center.backUp().result
    expect(copies.map((copy) => [copy.destination, copy.ok])).toEqual([
      ['local', true],
      ['usb', true],
      ['gone', false],
    ])
    expect(copies[2]).toMatchObject({ error: { code: 'destination.missing' } })
    expect(backup.places.map((place) => place.destination)).toEqual(['local', 'usb'])
  })

  test('that no destination took is an error, and leaves nothing', async () => {
    rmSync(join(home, 'backups'), { recursive: true })
    await using center = await open()
    await expect(center.backUp().result).rejects.toMatchObject({ code: 'destination.missing' })
    expect(readdirSync(join(home, 'scratch'))).toEqual([])
  })

  test('can be cancelled, and then leaves nothing', async () => {
    await using center = await open()
    const job = center.backUp()
    job.cancel()
    await expect(job.result).rejects.toMatchObject({ code: 'job.cancelled' })
    expect(job.status).toEqual({ state: 'cancelled' })
    expect((await center.findBackups()).backups).toEqual([])
    expect(readdirSync(join(home, 'scratch'))).toEqual([])
  })

  test('never runs twice at once on one source', async () => {
    await using center = await open()
    const [first, second] = [center.backUp(), center.backUp()]
    expect(second.status.state).toBe('queued')
    await Promise.all([first.result, second.result])
    const { backups } = await center.findBackups()
    expect(backups.map((backup) => backup.label.sequence)).toEqual([2, 1])
  })

  test('of a damaged database is kept, and marked', async () => {
    const bytes = readFileSync(database)
    bytes.fill(0xff, 4096 + 20, 4096 + 60)
    writeFileSync(database, bytes)
    await using center = await open()
    const { backup } = await center.backUp().result
    expect(backup.label.database.condition).toBe('damaged')
    expect(backup.label.problems.length).toBeGreaterThan(0)
  })

  test.each([
    ['no file', () => rmSync(database), 'source.missing'],
    ['an empty file', () => writeFileSync(database, ''), 'source.not-a-database'],
    ['one byte', () => writeFileSync(database, 'x'), 'source.not-a-database'],
    ['a text', () => writeFileSync(database, 'not a database '.repeat(1000)), 'source.not-a-database'],
    ['a torn file', () => writeFileSync(database, readFileSync(database).subarray(0, 4097)), 'source.damaged'],
    ['a WAL alone', () => renameSync(database, `${database}-wal`), 'source.wal-without-database'],
  ])('of %s is refused, and the last good one stays', async (_, spoil, code) => {
    const id = await backUpOnce()
    spoil()
    await using center = await open()
    await expect(center.backUp().result).rejects.toMatchObject({ code })
    expect(await center.verify(id).result).toMatchObject({ ok: true })
    expect((await center.findBackups()).backups).toHaveLength(1)
  })
})

describe('a restore', () => {
  test('brings back database and images, and keeps what was there as a safety backup', async () => {
    const id = await backUpOnce()
    sell(7)
    rmSync(join(images, 'café.jpg'))
    const { safetyBackup } = await restore(id)
    expect(tickets()).toBe(100)
    expect(readdirSync(images).sort()).toEqual(['café.jpg', 'same.jpg'])
    expect(safetyBackup?.label).toMatchObject({ trigger: 'before-restore', tiers: ['safety'] })
    expect(safetyBackup?.label.database.fingerprint.tables).toEqual([{ name: 'tickets', rows: 107 }])
  })

  test('can be taken back, and that too', async () => {
    const id = await backUpOnce()
    sell(7)
    await restore(id)
    await using center = await open()
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets()).toBe(107)
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets()).toBe(100)
  })

  test('brings a shop back whose disk died', async () => {
    const id = await backUpOnce()
    rmSync(till, { recursive: true })
    mkdirSync(till)
    const { safetyBackup } = await restore(id)
    expect(safetyBackup).toBeUndefined()
    expect(tickets()).toBe(100)
    expect(readFileSync(join(images, 'café.jpg'), 'utf8')).toBe('a picture')
  })

  test('sets a leftover WAL aside, so that it can’t spoil what is restored', async () => {
    const id = await backUpOnce()
    rmSync(database)
    writeFileSync(`${database}-wal`, 'of another time')
    writeFileSync(`${database}-journal`, 'of another time')
    await restore(id)
    expect(tickets()).toBe(100)
  })

  test('keeps what could not be saved first, also after the next good backup', async () => {
    const id = await backUpOnce()
    writeFileSync(database, 'ruined, but all there is')
    await using center = await open()
    const plan = await center.planRestore(id)
    await center.restore(plan, { confirm: plan.confirmation, reason: 'machine-changed' }).result
    await center.backUp().result
    const kept = join(till, `.tillsafe-restore-${plan.id}`, 'kept', 'database')
    expect(readFileSync(kept, 'utf8')).toBe('ruined, but all there is')
  })

  test('starts the till again when nothing was replaced', async () => {
    const id = await backUpOnce()
    noteTillCommands()
    spoilCopy(join(home, 'backups'))
    await expect(restore(id)).rejects.toMatchObject({ code: 'backup.damaged' })
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('stopped started ')
  })

  test('saves the current state elsewhere when the nearest destination is away', async () => {
    const usb = join(folder, 'usb')
    mkdirSync(usb)
    await addDestination('usb', usb)
    const id = await backUpOnce()
    rmSync(join(home, 'backups'), { recursive: true })
    const { safetyBackup } = await restore(id)
    expect(safetyBackup?.places.map((place) => place.destination)).toEqual(['usb'])
  })

  test('over a file that is no database needs more words', async () => {
    const id = await backUpOnce()
    writeFileSync(database, 'ruined')
    await using center = await open()
    const plan = await center.planRestore(id)
    expect(plan).toMatchObject({ current: 'damaged', confirmation: 'RESTORE WITHOUT SAFETY BACKUP' })
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'confirmation.needed' })
    await center.restore(plan, { confirm: plan.confirmation, reason: 'machine-changed' }).result
    expect(tickets()).toBe(100)
  })

  test('over a database that can’t be saved first says so, and can be insisted on', async () => {
    const id = await backUpOnce()
    writeFileSync(database, readFileSync(database).subarray(0, 4096))
    await using center = await open()
    const plan = await center.planRestore(id)
    const words = { confirm: 'RESTORE WITHOUT SAFETY BACKUP', reason: 'mistake' } as const
    await center.restore(plan, words).result
    expect(tickets()).toBe(100)
  })

  test('is refused while a till has the database open, idle or not', async () => {
    const id = await backUpOnce()
    await using center = await open()
    using idle = openSqlite(database, 'read-write')
    idle.prepare('SELECT * FROM tickets').get()
    const before = readFileSync(database)
    await expect(center.restore(await center.planRestore(id), MISTAKE).result).rejects.toMatchObject({
      code: 'source.open',
    })
    expect(readFileSync(database).equals(before)).toBe(true)
    expect(readdirSync(till).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('is refused without the words, and nothing is touched', async () => {
    const id = await backUpOnce()
    await using center = await open()
    const plan = await center.planRestore(id)
    const refused = center.restore(plan, { confirm: 'yes', reason: 'mistake' }).result
    await expect(refused).rejects.toMatchObject({ code: 'confirmation.needed', confirm: 'RESTORE' })
    expect((await center.findBackups()).backups).toHaveLength(1)
  })

  test('is refused when the world has changed since it was planned', async () => {
    const id = await backUpOnce()
    await using center = await open()
    const plan = await center.planRestore(id)
    rmSync(database)
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'source.changed' })
  })

  test('takes the next copy when the first is damaged', async () => {
    const usb = join(folder, 'usb')
    mkdirSync(usb)
    await addDestination('usb', usb)
    const id = await backUpOnce()
    spoilCopy(join(home, 'backups'))
    sell(5)
    await restore(id)
    expect(tickets()).toBe(100)
  })

  test('of a damaged backup is refused, and the live data stays', async () => {
    const id = await backUpOnce()
    spoilCopy(join(home, 'backups'))
    sell(5)
    await expect(restore(id)).rejects.toMatchObject({ code: 'backup.damaged' })
    expect(tickets()).toBe(105)
    expect(readdirSync(till).filter((name) => name.startsWith('.'))).toEqual([])
    await using center = await open()
    const { problems, ok } = await center.verify(id).result
    expect(ok).toBe(false)
    expect(problems[0]).toContain('local')
  })

  test('keeps owner and rights of the file that it replaces', async () => {
    const { chmodSync, statSync } = await import('node:fs')
    chmodSync(database, 0o640)
    const id = await backUpOnce()
    await restore(id)
    expect(statSync(database).mode & 0o777).toBe(0o640)
  })

  test('stops the till first and starts it afterwards', async () => {
    const id = await backUpOnce()
    noteTillCommands()
    await restore(id)
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('stopped started ')
  })

  test('into a folder touches nothing live', async () => {
    const id = await backUpOnce()
    sell(5)
    await using center = await open()
    const target = join(folder, 'elsewhere')
    const restored = await center.restoreInto({ id }, target).result
    expect(tickets(restored.database)).toBe(100)
    expect(readdirSync(target).sort()).toEqual(['database.db', 'images'])
    expect(tickets()).toBe(105)
    await expect(center.restoreInto({ id }, target).result).rejects.toMatchObject({ code: 'restore.target-exists' })
  })

  test('drops what it kept once a newer backup is good', async () => {
    const id = await backUpOnce()
    await restore(id)
    expect(readdirSync(till).some((name) => name.startsWith('.tillsafe-restore-'))).toBe(true)
    await backUpOnce()
    expect(readdirSync(till).some((name) => name.startsWith('.tillsafe-restore-'))).toBe(false)
  })
})

describe('a file that somebody brings', () => {
  test('of this shop is restored like a backup', async () => {
    await using center = await open()
    const { file } = await center.exportDatabase({ output: join(folder, 'copy.db') }).result
    sell(5)
    const plan = await center.planRestoreFile(file)
    expect(plan.confirmation).toBe('RESTORE')
    await center.restore(plan, MISTAKE).result
    expect(tickets()).toBe(100)
  })

  test('without a label needs the word FOREIGN', async () => {
    await using center = await open()
    const { file, labelFile } = await center.exportDatabase({ output: join(folder, 'copy.db') }).result
    rmSync(labelFile)
    const plan = await center.planRestoreFile(file)
    expect(plan.confirmation).toBe('FOREIGN')
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'confirmation.needed' })
    await center.restore(plan, { confirm: 'FOREIGN', reason: 'client-file' }).result
  })

  test('with its WAL beside it is taken whole', async () => {
    using till = openSqlite(database, 'read-write')
    till.exec('INSERT INTO tickets (cents) VALUES (1), (2)')
    for (const ending of ['', '-wal']) {
      copyFileSync(`${database}${ending}`, join(folder, `brought.db${ending}`))
    }
    till.close()
    await using center = await open()
    const analysis = await analyzeFile(join(folder, 'brought.db'), center.shop, quietJob(systemClock))
    expect(analysis.workspaces[0]?.tables).toEqual([{ name: 'tickets', rows: 102 }])
    await center.restore(await center.planRestoreFile(join(folder, 'brought.db')), {
      confirm: 'FOREIGN',
      reason: 'machine-changed',
    }).result
    expect(tickets()).toBe(102)
  })

  test('of another shop is refused', async () => {
    const other = join(folder, 'other')
    await createShop(other, {
      name: 'Other',
      country: 'FR',
      timeZone: 'Europe/Paris',
      source: { engine: 'sqlite', database },
    })
    const file = join(folder, 'copy.db')
    {
      await using theirs = await BackupCenter.open(other, { version: 'test' })
      await theirs.exportDatabase({ output: file }).result
    }
    await using center = await open()
    await expect(center.planRestoreFile(file)).rejects.toMatchObject({ code: 'identity.foreign' })
  })

  test('is never replaced by an export', async () => {
    writeFileSync(join(folder, 'mine.db'), 'mine')
    await using center = await open()
    await expect(center.exportDatabase({ output: join(folder, 'mine.db') }).result).rejects.toMatchObject({
      code: 'restore.target-exists',
    })
    expect(readFileSync(join(folder, 'mine.db'), 'utf8')).toBe('mine')
  })
})

describe('the next start', () => {
  test('takes a restore back that was cut before it was decided', async () => {
    await backUpOnce()
    const plan = await planOnly()
    await journal().write({ ...about(plan), state: 'prepare' })
    mkdirSync(join(till, `.tillsafe-restore-${plan.id}`))
    await using center = await open()
    expect(center.recovered).toHaveLength(1)
    expect(readdirSync(till).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await journal().entries()).toEqual([])
  })

  test('gives a decided restore up when the till has sold since', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    sell(3)
    await using center = await open()
    expect(center.recovered[0]).toContain('given up')
    expect(tickets()).toBe(108)
    expect(readdirSync(till).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('gives a decided restore up when a till has begun anew where no database was', async () => {
    const id = await backUpOnce()
    rmSync(database)
    await cutBeforeSwap(id)
    sell(3)
    await using center = await open()
    expect(center.recovered[0]).toContain('given up')
    expect(tickets()).toBe(3)
  })

  test('finishes a decided restore where no database was', async () => {
    const id = await backUpOnce()
    rmSync(database)
    await cutBeforeSwap(id)
    await using center = await open()
    expect(center.recovered[0]).toContain('finished')
    expect(tickets()).toBe(100)
  })

  test('goes on with backups when a decided restore can’t be finished, and refuses another restore', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    const stage = readdirSync(till).find((name) => /^\.tillsafe-restore-\w+$/.test(name)) ?? ''
    rmSync(join(till, stage), { recursive: true })
    writeFileSync(join(till, stage), 'in the way')
    await using center = await open()
    expect(center.recovered[0]).toContain('can’t be finished'.replace('’', "'"))
    await center.backUp().result
    const refused = center.restore(await center.planRestore(id), MISTAKE).result
    await expect(refused).rejects.toMatchObject({ code: 'restore.unfinished' })
  })

  test('finishes a decided restore', async () => {
    const id = await backUpOnce()
    await cutAfterCommit(id)
    await using center = await open()
    expect(center.recovered[0]).toContain('finished')
    expect(tickets()).toBe(100)
    expect(existsSync(join(images, 'café.jpg'))).toBe(true)
  })
})

test('only one process at a time has a shop', async () => {
  await using _first = await open()
  await expect(open()).rejects.toMatchObject({ code: 'home.busy' })
})

test('workspaces named in any letters live side by side', async () => {
  for (const [number, name] of ['Αθήνα', 'Пекарня', '東京'].entries()) {
    const file = join(till, `other ${number}.db`)
    copyFileSync(database, file)
    await addWorkspace(await Shop.open(home), { name, kind: 'business', source: { engine: 'sqlite', database: file } })
  }
  const ids = (await Shop.open(home)).settings.workspaces.map(({ id }) => id)
  expect(ids).toEqual(['cafe-du-port', 'shop', 'shop-2', 'shop-3'])
})

test('a second workspace is backed up beside the first', async () => {
  const other = join(folder, 'private.db')
  using finance = openSqlite(other, 'create')
  finance.exec('CREATE TABLE money (a)')
  await addWorkspace(await Shop.open(home), {
    name: 'Private finance',
    kind: 'other',
    source: { engine: 'sqlite', database: other },
  })
  await using center = await open()
  const { backup } = await center.backUp({ workspace: 'private-finance' }).result
  expect(backup.label.workspace).toMatchObject({ id: 'private-finance', kind: 'other' })
  expect((await center.findBackups()).backups).toEqual([])
  expect((await center.findBackups('private-finance')).backups).toHaveLength(1)
})

test('the audit log tells what was done, and a changed entry is found', async () => {
  const id = await backUpOnce()
  await restore(id)
  await using center = await open()
  expect(center.audit.entries().map((entry) => entry.act)).toEqual([
    'backup.taken',
    'restore.begun',
    'backup.taken',
    'restore.done',
  ])
  expect(center.audit.verify()).toEqual([])
  using state = openSqlite(join(home, 'state.db'), 'read-write', 5000)
  state.exec(`UPDATE audit SET entry = replace(entry, 'mistake', 'consultation') WHERE seq = 2`)
  expect(center.audit.verify()).toEqual(['audit entry 2 was altered'])
})

function open(): Promise<BackupCenter> {
  return BackupCenter.open(home, { version: 'test' })
}

async function backUpOnce(): Promise<string> {
  await using center = await open()
  return (await center.backUp().result).backup.label.id
}

async function restore(id: string): Promise<RestoreOutcome> {
  await using center = await open()
  return await center.restore(await center.planRestore(id), MISTAKE).result
}

async function planOnly(): Promise<RestorePlan> {
  await using center = await open()
  const newest = (await center.findBackups()).backups[0]?.label.id ?? ''
  return await center.planRestore(newest)
}

/** A restore whose process died between the decision and the swap: the swap alone is kept from happening. */
async function cutAfterCommit(id: string): Promise<void> {
  sell(5)
  rmSync(join(images, 'café.jpg'))
  await cutBeforeSwap(id)
}

async function cutBeforeSwap(id: string): Promise<void> {
  await using center = await open()
  const plan = await center.planRestore(id)
  const source = await center.shop.source(center.shop.workspace())
  center.shop.source = async () =>
    Object.assign(source, { swap: () => Promise.reject(new Error('the power went out')) })
  await expect(center.restore(plan, MISTAKE).result).rejects.toThrow('the power went out')
  expect(await journal().entries()).toMatchObject([{ state: 'commit' }])
}

function journal(): RestoreJournal {
  return new RestoreJournal(new Home(home))
}

function about(plan: RestorePlan) {
  return {
    kind: 'tillsafe.restore',
    id: plan.id,
    workspace: plan.workspace,
    backup: plan.from.id,
    reason: 'mistake',
  } as const
}

async function addDestination(name: string, path: string): Promise<void> {
  const file = join(home, 'tillsafe.json')
  const settings = JSON.parse(readFileSync(file, 'utf8'))
  settings.destinations.push({ name, kind: 'local', path })
  settings.workspaces[0].copies.push({ destination: name, store: 'copies', retention: { rules: [] } })
  writeFileSync(file, JSON.stringify(settings))
}

/** Gives the till commands that note in `log` when they run. */
function noteTillCommands(): void {
  const file = join(home, 'tillsafe.json')
  const settings = JSON.parse(readFileSync(file, 'utf8'))
  const note = (word: string) => [
    process.execPath,
    '-e',
    `require('fs').appendFileSync(${JSON.stringify(join(folder, 'log'))}, '${word} ')`,
  ]
  settings.workspaces[0].till = { stop: note('stopped'), start: note('started') }
  writeFileSync(file, JSON.stringify(settings))
}

function sell(count: number): void {
  using connection: Sqlite = openSqlite(database, 'create')
  connection.pragma('journal_mode = WAL')
  connection.exec('CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, cents INTEGER)')
  connection.transaction(() => {
    for (let n = 0; n < count; n += 1) {
      connection.prepare('INSERT INTO tickets (cents) VALUES (?)').run(n)
    }
  })()
}

function tickets(file = database): number {
  using connection = openSqlite(file, 'read-write')
  return Number(connection.prepare('SELECT count(*) FROM tickets').pluck().get())
}

/** Flips a bit in the newest manual copy. */
function spoilCopy(destination: string): void {
  const manual = join(destination, 'cafe-du-port', 'Manual')
  const file = join(manual, readdirSync(manual).find((name) => name.endsWith('.db')) ?? '')
  const bytes = readFileSync(file)
  bytes[5000] = (bytes[5000] ?? 0) ^ 1
  writeFileSync(file, bytes)
}
