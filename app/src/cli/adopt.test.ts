import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countTickets, readJson, runTillsafe, sellMore, TryOut } from '../testing/try-out.ts'

interface Kept {
  readonly recoveryKey: string
}

interface Listed {
  readonly backups: readonly { readonly id: string; readonly sequence: number }[]
}

/** The acts in a shop's audit log, with their details. */
function audited(home: string): { act: string; details: Record<string, unknown> }[] {
  const database = new DatabaseSync(join(home, 'state.db'))
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").get() !== undefined
  const rows = isThere ? database.prepare('SELECT entry FROM audit ORDER BY seq').all() : []
  database.close()
  return rows.map((row) => JSON.parse(String(row['entry'])))
}

function keyFile(shop: TryOut, key: string): string {
  const file = shop.path('paper.txt')
  writeFileSync(file, `${key}\n`)
  return file
}

function recoveryFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^recovery.*\.age$/.test(name))
}

describe('a shop whose home folder is lost', () => {
  const shop = new TryOut(3)
  const usb = shop.path('usb stick')
  let recoveryKey = ''
  let paper = ''
  let last = ''

  beforeAll(async () => {
    mkdirSync(usb)
    const { exitCode, stdout } = await shop.run(
      ...['init', '--name', 'Épicerie', '--country', 'FR', '--time-zone', 'Europe/Paris'],
      ...['--database', shop.database, '--destination', usb],
    )
    expect(exitCode).toBe(0)
    recoveryKey = readJson<Kept>(shop.path('home', 'secrets.json')).recoveryKey
    expect(stdout).toContain(recoveryKey)
    await shop.backUp()
    sellMore(shop.database, 2)
    last = await shop.backUp()
    paper = keyFile(shop, recoveryKey.toLowerCase().replaceAll('-', ' '))
    rmSync(shop.home, { recursive: true })
    // The stick has another name on the new machine, and the till another folder.
    renameSync(usb, shop.path('D'))
    rmSync(shop.database)
  })

  afterAll(() => shop[Symbol.dispose]())

  test('is not adopted with a mistyped key, the key of another shop, or from a folder without recovery.age', async () => {
    const before = await shop.tree()
    const mistyped = keyFile(shop, `${recoveryKey.slice(0, -1)}${recoveryKey.endsWith('0') ? '1' : '0'}`)
    expect(await shop.ask('adopt', shop.path('D'), '--recovery-key-file', mistyped)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong', message: expect.stringContaining('last group') } },
    })
    const foreign = keyFile(shop, 'TILL-006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ-4BB3')
    expect(await shop.ask('adopt', shop.path('D'), '--recovery-key-file', foreign)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong' } },
    })
    paper = keyFile(shop, recoveryKey.toLowerCase().replaceAll('-', ' '))
    expect(await shop.ask('adopt', shop.path('till'), '--recovery-key-file', paper)).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'recovery.missing' } },
    })
    expect(await shop.ask('adopt', shop.path('nowhere'), '--recovery-key-file', paper)).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'destination.missing' } },
    })
    expect(await shop.tree()).toEqual(before)
    expect(existsSync(shop.home)).toBe(false)
  })

  test('comes back from a destination and the key on paper, and says what to do next', async () => {
    const database = shop.path('new till', 'pos.db')
    mkdirSync(shop.path('new till'))
    const { exitCode, stdout } = await shop.run(
      ...['adopt', shop.path('D'), '--recovery-key-file', paper, '--database', database],
    )
    expect(stdout).toContain(`tillsafe restore ${last.slice(0, 8)}`)
    expect(stdout).not.toContain(recoveryKey)
    expect(exitCode).toBe(0)
    expect(statSync(shop.home).mode & 0o777).toBe(0o700)
    expect(statSync(shop.path('home', 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(readJson<Kept>(shop.path('home', 'secrets.json')).recoveryKey).toBe(recoveryKey)
    expect(audited(shop.home)).toMatchObject([{ act: 'shop.adopted', details: { recovery: 'recovery.age' } }])
  })

  test('is not adopted over a shop', async () => {
    const before = await shop.tree()
    expect(await shop.ask('adopt', shop.path('D'), '--recovery-key-file', paper)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'home.exists' } },
    })
    expect(await shop.tree()).toEqual(before)
  })

  test('restores its last backup as its own', async () => {
    const database = shop.path('new till', 'pos.db')
    const { document } = await shop.ask<{ plan: { confirmation: string } }>('restore', last, '--plan')
    expect(document.plan.confirmation).toBe('RESTORE')
    expect(await shop.ask('restore', last, '--confirm', 'RESTORE')).toMatchObject({ exitCode: 0 })
    expect(countTickets(database)).toBe(5)
    const { document: listed } = await shop.ask<Listed>('list')
    expect(listed.backups.map(({ sequence }) => sequence)).toEqual([2, 1])
  })

  test('goes on where it was: the next backup has the next number, and recovery.age tells the new paths', async () => {
    await shop.backUp()
    const { document } = await shop.ask<Listed>('list')
    expect(document.backups.map(({ sequence }) => sequence)).toEqual([3, 2, 1])
    expect(recoveryFiles(shop.path('D'))).toHaveLength(1)
    const again = shop.path('another home')
    const adopted = await runTillsafe([
      '--home',
      again,
      'adopt',
      shop.path('D'),
      '--recovery-key-file',
      paper,
      '--json',
    ])
    expect(JSON.parse(adopted.stdout)).toMatchObject({
      workspaces: [{ database: shop.path('new till', 'pos.db') }],
      backups: [{ sequence: 3 }, { sequence: 2 }, { sequence: 1 }],
      problems: [],
    })
  })
})

describe('the recovery key', () => {
  const shop = new TryOut(3)
  let recoveryKey = ''

  beforeAll(async () => {
    await shop.init()
    recoveryKey = readJson<Kept>(shop.path('home', 'secrets.json')).recoveryKey
  })

  afterAll(() => shop[Symbol.dispose]())

  test('is shown again to a person who types SHOW, and the audit log tells that it was', async () => {
    const refused = await shop.run('recovery', 'show')
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('SHOW') })
    expect(refused.stdout + refused.stderr).not.toContain(recoveryKey)
    expect(audited(shop.home).map(({ act }) => act)).not.toContain('recovery.shown')
    const shown = await shop.run('recovery', 'show', '--confirm', 'SHOW')
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(recoveryKey) })
    expect(audited(shop.home).map(({ act }) => act)).toContain('recovery.shown')
  })

  test('is not shown to programs', async () => {
    const { exitCode, stdout, stderr } = await shop.run('recovery', 'show', '--confirm', 'SHOW', '--json')
    expect(exitCode).toBe(2)
    expect(stdout + stderr).not.toContain(recoveryKey)
  })

  test('that is gone from the home folder is told, with what was lost', async () => {
    const file = shop.path('home', 'secrets.json')
    renameSync(file, `${file}.aside`)
    expect(await shop.ask('list')).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'home.damaged', message: expect.stringContaining('recovery key') } },
    })
    renameSync(`${file}.aside`, file)
  })
})

describe('a file of somebody else', () => {
  const shop = new TryOut(3)
  const other = new TryOut(7)

  beforeAll(async () => {
    await Promise.all([shop.init(), other.init()])
    await Promise.all([shop.backUp(), other.backUp()])
  })

  afterAll(() => {
    shop[Symbol.dispose]()
    other[Symbol.dispose]()
  })

  test('signed by another shop is refused and changes nothing', async () => {
    const file = other.path('copy.db')
    await other.ask('export', 'database', '--output', file)
    const before = await shop.tree()
    for (const words of ['RESTORE', 'FOREIGN']) {
      expect(await shop.ask('restore', file, '--confirm', words)).toMatchObject({
        exitCode: 3,
        document: { error: { code: 'identity.foreign' } },
      })
    }
    expect(await shop.tree()).toEqual(before)
  })

  test('without a label wants the word FOREIGN, and the audit log tells it', async () => {
    const file = shop.path('found.db')
    await other.ask('export', 'database', '--output', other.path('bare.db'))
    writeFileSync(file, readFileSync(other.path('bare.db')))
    chmodSync(file, 0o600)
    expect(await shop.ask('restore', file, '--confirm', 'RESTORE')).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'confirmation.needed', confirm: 'FOREIGN' } },
    })
    expect(countTickets(shop.database)).toBe(3)
    expect(await shop.ask('restore', file, '--confirm', 'FOREIGN')).toMatchObject({ exitCode: 0 })
    expect(countTickets(shop.database)).toBe(7)
    const begun = audited(shop.home).filter(({ act }) => act === 'restore.begun')
    expect(begun).toMatchObject([{ details: { foreign: true } }])
    const { document } = await shop.ask<Listed>('list')
    await shop.ask('restore', document.backups.at(-1)?.id ?? '', '--confirm', 'RESTORE')
    const own = audited(shop.home).filter(({ act }) => act === 'restore.begun')[1]
    expect(own?.details).toMatchObject({ foreign: false })
  })
})

describe('secrets', () => {
  const shop = new TryOut(3)
  const canary = 'CANARY-database-key-4711'

  afterAll(() => shop[Symbol.dispose]())

  test('are in no output, no log and no file but secrets.json', async () => {
    const printed = [JSON.stringify(await shop.init())]
    const secretsFile = shop.path('home', 'secrets.json')
    const secrets = readJson<Kept>(secretsFile)
    const since = '2026-11-21T10:00:00.000Z'
    writeFileSync(secretsFile, JSON.stringify({ ...secrets, databaseKeys: { till: [{ key: canary, since }] } }))
    const runs = [
      ['backup'],
      ['list'],
      ['doctor'],
      ['backup', '--json'],
      ['doctor', '--json'],
      ['workspace', 'list', '--json'],
      ['export', 'database', '--output', shop.path('copy.db'), '--json'],
      ['export', 'archive', '--output', shop.path('shop.tillsafe.zip'), '--json'],
    ]
    for (const args of runs) {
      const ran = await shop.run(...args)
      expect({ args, exitCode: ran.exitCode }).toEqual({ args, exitCode: 0 })
      printed.push(JSON.stringify(ran))
    }
    const { document } = await shop.ask<Listed>('list')
    printed.push(JSON.stringify(await shop.run('show', document.backups[0]?.id ?? '', '--json')))
    const found = [secrets.recoveryKey, canary].flatMap((secret) => [
      ...printed.filter((text) => text.includes(secret)),
      ...filesWith(shop.folder, secret),
    ])
    expect(found).toEqual([secretsFile, secretsFile])
    expect(recoveryFiles(shop.path('home', 'backups'))).toHaveLength(1)
  })
})

function filesWith(folder: string, secret: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(secret))
}
