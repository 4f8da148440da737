import {
  copyFileSync,
  existsSync,
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
import { openSqlite } from '../work/sqlite.ts'
import { systemClock } from '../work/system-clock.ts'
import { analyzeFile } from './analyze-file.ts'
import { BackupCenter } from './backup-center.ts'
import { addDestination, removeDestination } from './change-destinations.ts'
import { addWorkspace } from './change-workspaces.ts'
import { createShop } from './create-shop.ts'
import { Home } from './home.ts'
import { quietJob, Shop } from './shop.ts'

let folder: string
let home: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe archives é '))
  home = join(folder, 'home')
  makeTill('port', 100)
  await createShop(home, shopNamed('Café du Port', 'port'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const MISTAKE = { confirm: 'RESTORE', reason: 'mistake' } as const
const PASSPHRASE = { kind: 'passphrase', passphrase: 'correct horse battery staple' } as const

describe('a complete archive', () => {
  test('brings database and images back', async () => {
    await using center = await open()
    const { file } = await center.exportArchive({ output: join(folder, 'all.zip') }).result
    sell('port', 5)
    writeFileSync(join(folder, 'port', 'images', 'tea.jpg'), 'another picture')
    const plan = await center.planRestoreFile(file)
    expect(plan.confirmation).toBe('RESTORE')
    await center.restore(plan, MISTAKE).result
    expect(tickets('port')).toBe(100)
    expect(readFileSync(join(folder, 'port', 'images', 'tea.jpg'), 'utf8')).toBe('a picture of tea')
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets('port')).toBe(105)
  })

  test('says what it is before anything is touched', async () => {
    await using center = await open()
    const { file } = await center.exportArchive({ output: join(folder, 'all.zip') }).result
    expect(await look(file)).toMatchObject({
      kind: 'archive',
      identity: 'own',
      shop: 'Café du Port',
      sealed: false,
      problems: [],
      workspaces: [
        { workspace: { id: 'cafe-du-port' }, images: 2, tables: [{ name: 'tickets', rows: 100 }], encryption: 'none' },
      ],
    })
  })

  test('is written whole or not at all, and replaces nothing', async () => {
    await using center = await open()
    writeFileSync(join(folder, 'mine.zip'), 'mine')
    await expect(center.exportArchive({ output: join(folder, 'mine.zip') }).result).rejects.toMatchObject({
      code: 'restore.target-exists',
    })
    expect(readFileSync(join(folder, 'mine.zip'), 'utf8')).toBe('mine')
    const job = center.exportArchive({ output: join(folder, 'cancelled.zip') })
    job.watch((status) => status.state === 'running' && status.progress.step === 'write' && job.cancel())
    await expect(job.result).rejects.toMatchObject({ code: 'job.cancelled' })
    expect(leftovers()).toEqual([])
  })

  test('whose writing was cut is swept at the next start', async () => {
    const id = 'a'.repeat(32)
    const draft = join(folder, `.tillsafe-${id}.draft`)
    mkdirSync(new Home(home).drafts)
    writeFileSync(join(new Home(home).drafts, `${id}.json`), JSON.stringify({ draft }))
    writeFileSync(join(new Home(home).drafts, 'half.json'), '{"draft"')
    writeFileSync(join(new Home(home).drafts, 'evil.json'), JSON.stringify({ draft: join(folder, 'port', 'pos.db') }))
    writeFileSync(draft, 'half an archive')
    await using _center = await open()
    expect(existsSync(draft)).toBe(false)
    expect(tickets('port')).toBe(100)
    expect(readdirSync(new Home(home).drafts)).toEqual([])
  })

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 10)],
    ['with a changed byte', (bytes: Buffer) => flip(bytes, 200)],
  ])('%s is never restored', async (_, harm) => {
    await using center = await open()
    const { file } = await center.exportArchive({ output: join(folder, 'all.zip') }).result
    writeFileSync(file, harm(readFileSync(file)))
    const before = readFileSync(join(folder, 'port', 'pos.db'))
    await expect(center.planRestoreFile(file)).rejects.toMatchObject({ code: /^archive\.(damaged|unsafe)$/ as never })
    expect(readFileSync(join(folder, 'port', 'pos.db'))).toEqual(before)
    expect(leftovers()).toEqual([])
  })

  test('that is exchanged between the plan and the restore is refused', async () => {
    await using center = await open()
    const { file } = await center.exportArchive({ output: join(folder, 'all.zip') }).result
    const plan = await center.planRestoreFile(file)
    sell('port', 1)
    const other = await center.exportArchive({ output: join(folder, 'other.zip') }).result
    copyFileSync(other.file, file)
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'backup.damaged' })
    expect(tickets('port')).toBe(101)
  })

  test('of another shop can be looked into, and is refused', async () => {
    makeTill('other', 7)
    await createShop(join(folder, 'other-home'), shopNamed('Other \u001b[31mred', 'other'))
    const file = join(folder, 'theirs.zip')
    {
      await using theirs = await BackupCenter.open(join(folder, 'other-home'), { version: 'test' })
      await theirs.exportArchive({ output: file }).result
    }
    expect(await look(file)).toMatchObject({ kind: 'archive', identity: 'foreign', shop: 'Other  [31mred' })
    await using center = await open()
    await expect(center.planRestoreFile(file)).rejects.toMatchObject({ code: 'identity.foreign' })
    await expect(center.restoreInto({ file }, join(folder, 'into')).result).rejects.toMatchObject({
      code: 'identity.foreign',
    })
  })
})

describe('an encrypted export', () => {
  test.each(['archive', 'database', 'shop'] as const)('of the %s opens with its passphrase only', async (kind) => {
    await using center = await open()
    const file = join(folder, kind === 'database' ? 'all.db.age' : 'all.zip.age')
    const request = { output: file, lock: PASSPHRASE }
    const exportKind = {
      archive: () => center.exportArchive(request).result,
      database: () => center.exportDatabase(request).result,
      shop: () => center.exportShop(request).result,
    }
    await exportKind[kind]()
    expect(readFileSync(file).includes('tickets')).toBe(false)
    await expect(look(file)).rejects.toMatchObject({ code: 'key.needed' })
    const wrong = { ...PASSPHRASE, passphrase: 'something else' }
    await expect(analyzeFile(file, center.shop, quietJob(systemClock), wrong)).rejects.toMatchObject({
      code: 'key.wrong',
    })
    expect(await analyzeFile(file, center.shop, quietJob(systemClock), PASSPHRASE)).toMatchObject({
      kind: kind === 'database' ? 'database-copy' : kind,
      identity: 'own',
      sealed: true,
      problems: [],
    })
    sell('port', 3)
    await expect(center.planRestoreFile(file)).rejects.toMatchObject({ code: 'key.needed' })
    const plan = await center.planRestoreFile(file, { key: PASSPHRASE })
    await expect(center.restore(plan, MISTAKE).result).rejects.toMatchObject({ code: 'key.needed' })
    await center.restore(plan, { ...MISTAKE, key: PASSPHRASE }).result
    expect(tickets('port')).toBe(100)
    expect(leftovers()).toEqual([])
  })
})

describe('a whole shop in one file', () => {
  test('is restored all at once, each workspace into its own place', async () => {
    await addBakery()
    await using center = await open()
    const { file } = await center.exportShop({ output: join(folder, 'shop.zip') }).result
    sell('port', 1)
    sell('bakery', 2)
    const plans = await center.planRestoreShop(file)
    expect(plans.map((plan) => plan.workspace)).toEqual(['cafe-du-port', 'bakery'])
    for (const plan of plans) {
      await center.restore(plan, MISTAKE).result
    }
    expect([tickets('port'), tickets('bakery')]).toEqual([100, 20])
  })

  test('gives one workspace when one is named, and asks when none is', async () => {
    await addBakery()
    await using center = await open()
    const { file } = await center.exportShop({ output: join(folder, 'shop.zip') }).result
    sell('port', 1)
    sell('bakery', 2)
    await expect(center.planRestoreFile(file)).rejects.toMatchObject({ code: 'workspace.other' })
    await center.restore(await center.planRestoreFile(file, { workspace: 'bakery' }), MISTAKE).result
    expect([tickets('port'), tickets('bakery')]).toEqual([101, 20])
  })

  test('never goes from one business into another', async () => {
    await addBakery()
    await using center = await open()
    const { file } = await center.exportArchive({ output: join(folder, 'port.zip') }).result
    const copy = await center.exportDatabase({ output: join(folder, 'port.db') }).result
    for (const brought of [file, copy.file]) {
      await expect(center.planRestoreFile(brought, { workspace: 'bakery' })).rejects.toMatchObject({
        code: 'workspace.other',
      })
    }
  })

  test('shows each workspace when it is looked into', async () => {
    await addBakery()
    await using center = await open()
    const { file } = await center.exportShop({ output: join(folder, 'shop.zip') }).result
    const { kind, workspaces } = await look(file)
    expect(kind).toBe('shop')
    expect(workspaces.map(({ workspace, tables }) => [workspace?.id, tables[0]?.rows])).toEqual([
      ['cafe-du-port', 100],
      ['bakery', 20],
    ])
  })
})

describe('the store archive', () => {
  test('keeps backups beside the store copies, and each brings them back', async () => {
    await addDestination(await Shop.open(home), {
      name: 'zips',
      path: join(folder, 'zips'),
      store: 'archive',
      workspaces: [],
    })
    await using center = await open()
    const { backup, copies } = await center.backUp().result
    expect(copies.map(({ destination, ok }) => [destination, ok])).toEqual([
      ['local', true],
      ['zips', true],
    ])
    expect(backup.places.map(({ store }) => store)).toEqual(['copies', 'archive'])
    expect(await center.verify(backup.label.id).result).toMatchObject({ ok: true, problems: [] })
    rmSync(new Home(home).backups, { recursive: true })
    sell('port', 9)
    await center.restore(await center.planRestore(backup.label.id), MISTAKE).result.catch((error: unknown) => {
      throw error
    })
    expect(tickets('port')).toBe(100)
  })
})

describe('a shop that keeps archives only', () => {
  test('restores, and takes it back', async () => {
    const store = 'archive'
    await addDestination(await Shop.open(home), { name: 'zips', path: join(folder, 'zips'), store, workspaces: [] })
    await removeDestination(await Shop.open(home), 'local')
    await using center = await open()
    const { backup } = await center.backUp().result
    sell('port', 9)
    await center.restore(await center.planRestore(backup.label.id), MISTAKE).result
    expect(tickets('port')).toBe(100)
    await center.restore(await center.planUndo(), MISTAKE).result
    expect(tickets('port')).toBe(109)
    await center.backUp().result
    expect(readdirSync(join(folder, 'port')).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

describe('what a killed look has left', () => {
  test('goes a day later, and not while it may be in use', async () => {
    const [old, young] = ['tillsafe-look-old-', 'tillsafe-look-young-'].map((name) => mkdtempSync(join(tmpdir(), name)))
    utimesSync(old ?? '', 0, 0)
    await using center = await open()
    const { file } = await center.exportDatabase({ output: join(folder, 'copy.db') }).result
    await look(file)
    expect([existsSync(old ?? ''), existsSync(young ?? '')]).toEqual([false, true])
    rmSync(young ?? '', { recursive: true })
  })
})

describe('the live database itself', () => {
  test('is not looked into as a file: that would drop the locks of a till in the same process', async () => {
    await using center = await open()
    await expect(look(join(folder, 'port', 'pos.db'))).rejects.toMatchObject({ code: 'usage.invalid' })
    await expect(center.planRestoreFile(join(folder, 'port', 'pos.db'))).rejects.toMatchObject({
      code: 'usage.invalid',
    })
  })
})

function open(): Promise<BackupCenter> {
  return BackupCenter.open(home, { version: 'test' })
}

async function look(file: string): ReturnType<typeof analyzeFile> {
  return analyzeFile(file, await Shop.open(home), quietJob(systemClock))
}

async function addBakery(): Promise<void> {
  makeTill('bakery', 20)
  const source = { engine: 'sqlite', database: join(folder, 'bakery', 'pos.db') } as const
  await addWorkspace(await Shop.open(home), { name: 'Bakery', kind: 'business', source })
}

function shopNamed(name: string, till: string): Parameters<typeof createShop>[1] {
  const place = join(folder, till)
  const source = { engine: 'sqlite', database: join(place, 'pos.db'), images: join(place, 'images') } as const
  return { name, country: 'BE', timeZone: 'Europe/Brussels', source }
}

function makeTill(name: string, count: number): void {
  const images = join(folder, name, 'images')
  mkdirSync(join(images, 'drinks'), { recursive: true })
  writeFileSync(join(images, 'tea.jpg'), 'a picture of tea')
  writeFileSync(join(images, 'drinks', 'café crème.svg'), '<svg/>')
  sell(name, count)
}

function sell(name: string, count: number): void {
  using till = openSqlite(join(folder, name, 'pos.db'), 'create')
  till.exec('CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, cents INTEGER)')
  const insert = till.prepare('INSERT INTO tickets (cents) VALUES (?)')
  till.transaction(() => Array.from({ length: count }, (_, n) => insert.run(n)))()
}

function tickets(name: string): number {
  using till = openSqlite(join(folder, name, 'pos.db'), 'read-only')
  return Number(till.prepare('SELECT count(*) FROM tickets').pluck().get())
}

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

/** Drafts and copies that nobody will use. */
function leftovers(): string[] {
  return [folder, new Home(home).scratch, new Home(home).drafts]
    .flatMap((place) => (existsSync(place) ? readdirSync(place) : []))
    .filter((name) => name.startsWith('.tillsafe') || /^(archive|look|tillsafe|snapshot|a{4})/.test(name))
}
