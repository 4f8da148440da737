import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite } from '../work/sqlite.ts'
import { BackupCenter } from './backup-center.ts'
import { addWorkspace, removeWorkspace } from './change-workspaces.ts'
import { createShop } from './create-shop.ts'
import { Home } from './home.ts'
import { RestoreJournal } from './restore-journal.ts'
import { Shop } from './shop.ts'

let folder: string
let home: string
let database: string
let images: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-lost-'))
  home = join(folder, 'home')
  database = join(folder, 'till', 'pos.db')
  images = join(folder, 'till', 'images')
  mkdirSync(images, { recursive: true })
  writeFileSync(join(images, 'tea.jpg'), 'tea')
  sell(100)
  copyFileSync(join(import.meta.dirname, '../schema/reference-pos.json'), join(folder, 'map.json'))
  await createShop(home, { ...about(), schemaMap: join(folder, 'map.json') })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const MISTAKE = { confirm: 'RESTORE', reason: 'mistake' } as const

describe('a stored copy of a database, restored by its path', () => {
  test('promises no images: they lie elsewhere', async () => {
    await using center = await open()
    const { backup } = await center.backUp().result
    const file = join(new Home(home).backups, backup.places[0]?.key ?? '')
    const plan = await center.planRestoreFile(file)
    expect(plan.steps.map(({ kind }) => kind)).not.toContain('replace-images')
    expect(plan.warnings).toMatchObject([{ code: 'images-stay' }])
  })
})

describe('an image that no backup can hold', () => {
  test('is still there after a restore and the next backup', async () => {
    writeFileSync(join(images, 'tea:hot.jpg'), 'hot tea')
    await using center = await open()
    const { backup } = await center.backUp().result
    const plan = await center.planRestore(backup.label.id)
    await center.restore(plan, MISTAKE).result
    await center.backUp().result
    const kept = join(folder, 'till', `.tillsafe-restore-${plan.id}-images`, 'kept', 'tea:hot.jpg')
    expect(readFileSync(kept, 'utf8')).toBe('hot tea')
  })

  test('is the only reason to keep what a newer backup replaces', async () => {
    await using center = await open()
    const { backup } = await center.backUp().result
    await center.restore(await center.planRestore(backup.label.id), MISTAKE).result
    await center.backUp().result
    expect(readdirSync(join(folder, 'till')).filter((name) => name.startsWith('.tillsafe'))).toEqual([])
  })
})

describe('a folder of images', () => {
  test.each(['the database', 'the home', 'the backups'])('that holds %s is refused', async (what) => {
    const wrong = {
      'the database': { folder: join(folder, 'new'), images: join(folder, 'till') },
      'the home': { folder: join(images, 'home'), images },
      'the backups': { folder: join(folder, 'new'), images, destination: join(images, 'backups') },
    }[what]
    const { folder: newHome = '', destination, images: holds = '' } = wrong as Record<string, string>
    const shop = { ...about(), source: { engine: 'sqlite', database, images: holds } as const }
    const creating = createShop(newHome, { ...shop, ...(destination === undefined ? {} : { destination }) })
    await expect(creating).rejects.toMatchObject({ code: 'settings.invalid' })
    expect(existsSync(newHome)).toBe(false)
  })
})

describe('a restore that was cut in a workspace', () => {
  beforeEach(async () => {
    const source = { engine: 'sqlite', database: join(folder, 'bakery.db') } as const
    copyFileSync(database, source.database)
    await addWorkspace(await Shop.open(home), { name: 'Bakery', kind: 'business', source })
    const id = 'a'.repeat(32)
    const entry = { kind: 'tillsafe.restore', id, workspace: 'bakery', backup: id, reason: 'mistake' } as const
    await new RestoreJournal(new Home(home)).write({ ...entry, state: 'prepare' })
  })

  test('keeps the workspace from being removed', async () => {
    await expect(removeWorkspace(await Shop.open(home), 'bakery')).rejects.toMatchObject({ code: 'restore.unfinished' })
  })

  test('stops no backup of another, even when the workspace is gone', async () => {
    const settings = JSON.parse(readFileSync(new Home(home).settings, 'utf8'))
    settings.workspaces.pop()
    writeFileSync(new Home(home).settings, JSON.stringify(settings))
    await using center = await open()
    expect(center.recovered).toEqual([expect.stringContaining("can't be taken back yet")])
    expect((await center.backUp().result).copies).toMatchObject([{ ok: true }])
  })
})

describe('a new shop', () => {
  test('that was cut while it was made is made again', async () => {
    const cut = new Home(join(folder, 'cut'))
    await createShop(cut.path, about())
    rmSync(cut.settings)
    await expect(createShop(cut.path, about())).rejects.toMatchObject({ code: 'home.exists' })
    writeFileSync(cut.creating, '')
    await createShop(cut.path, about())
    expect([existsSync(cut.settings), existsSync(cut.creating)]).toEqual([true, false])
  })
})

describe('a schema map that is lost', () => {
  test('stops neither a backup nor a restore, and the backup says so', async () => {
    rmSync(join(folder, 'map.json'))
    await using center = await open()
    const { backup } = await center.backUp().result
    expect(backup.label.problems).toEqual([expect.stringContaining('map.json')])
    sell(3)
    await center.restore(await center.planRestore(backup.label.id), MISTAKE).result
    const { file } = await center.exportDatabase({ output: join(folder, 'copy.db') }).result
    expect((await center.planRestoreFile(file)).confirmation).toBe('RESTORE')
  })
})

describe('an export of a database whose label has no place', () => {
  test('leaves nothing', async () => {
    writeFileSync(join(folder, 'copy.db.json'), 'mine')
    await using center = await open()
    await expect(center.exportDatabase({ output: join(folder, 'copy.db') }).result).rejects.toMatchObject({
      code: 'restore.target-exists',
    })
    expect([existsSync(join(folder, 'copy.db')), readFileSync(join(folder, 'copy.db.json'), 'utf8')]).toEqual([
      false,
      'mine',
    ])
  })
})

function open(): Promise<BackupCenter> {
  return BackupCenter.open(home, { version: 'test' })
}

function about(): Parameters<typeof createShop>[1] {
  return { name: 'Lost', country: 'BE', timeZone: 'Europe/Brussels', source: { engine: 'sqlite', database, images } }
}

function sell(count: number): void {
  using till = openSqlite(database, 'create')
  till.exec('CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY)')
  const insert = till.prepare('INSERT INTO tickets DEFAULT VALUES')
  till.transaction(() => Array.from({ length: count }, () => insert.run()))()
}
