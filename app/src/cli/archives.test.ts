import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countTickets, makeDatabase, sellMore, TryOut } from '../testing/try-out.ts'

let shop: TryOut

beforeEach(async () => {
  shop = new TryOut(3)
  await shop.init()
})
afterEach(() => shop[Symbol.dispose]())

describe('tillsafe export archive', () => {
  test('writes one ZIP that analyze knows and restore brings back', async () => {
    const file = shop.path('archive.zip')
    expect(await shop.ask('export', 'archive', '--output', file)).toMatchObject({
      exitCode: 0,
      document: { file, sealed: null, backups: [{ workspace: 'epicerie', images: 0, problems: [] }] },
    })
    expect(await shop.ask('analyze', file)).toMatchObject({
      exitCode: 0,
      document: {
        kind: 'archive',
        identity: 'own',
        shop: 'Épicerie',
        tables: [{ name: 'tickets', rows: 3 }],
        problems: [],
      },
    })
    sellMore(shop.database, 2)
    expect(await shop.ask('restore', file)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'confirmation.needed', confirm: 'RESTORE' } },
    })
    expect(await shop.ask('restore', file, '--confirm', 'RESTORE', '--reason', 'mistake')).toMatchObject({
      exitCode: 0,
      document: { restored: { id: expect.any(String) }, safetyBackup: { id: expect.any(String) } },
    })
    expect(countTickets(shop.database)).toBe(3)
  })

  test('names the file itself when a folder is given', async () => {
    await mkdir(shop.path('usb'))
    await shop.ask('export', 'archive', '--output', shop.path('usb'))
    expect(await readdir(shop.path('usb'))).toEqual([expect.stringMatching(/^Épicerie_backup_\d{8}_\d{6}\.zip$/u)])
  })

  test('into a folder that is not there is an error that names the folder', async () => {
    expect(await shop.ask('export', 'archive', '--output', shop.path('nowhere', 'a.zip'))).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'destination.missing', message: expect.stringContaining('nowhere') } },
    })
  })
})

describe('an encrypted archive', () => {
  test('opens with its passphrase, says so when it is wrong, and tells no secret', async () => {
    const [right, wrong] = [secretFile('right', 'open sesame'), secretFile('wrong', 'open barley')]
    const file = shop.path('archive.zip.age')
    const written = await shop.run('export', 'archive', '--output', file, '--passphrase-file', right)
    expect(written).toMatchObject({ exitCode: 0 })
    expect(`${written.stdout}${written.stderr}`).not.toContain('sesame')
    expect(await shop.ask('analyze', file)).toMatchObject({ exitCode: 3, document: { error: { code: 'key.needed' } } })
    expect(await shop.ask('analyze', file, '--passphrase-file', wrong)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong' } },
    })
    expect(await shop.ask('analyze', file, '--passphrase-file', right)).toMatchObject({
      exitCode: 0,
      document: { kind: 'archive', sealed: true, identity: 'own' },
    })
    sellMore(shop.database, 2)
    const agree = ['--confirm', 'RESTORE', '--passphrase-file', right]
    expect(await shop.ask('restore', file, ...agree)).toMatchObject({ exitCode: 0 })
    expect(countTickets(shop.database)).toBe(3)
    expect(await shop.ask('restore', file, '--into', shop.path('into'), '--passphrase-file', right)).toMatchObject({
      exitCode: 0,
    })
  })

  test('is refused for a recipient that is none, and for two ways at once', async () => {
    const output = ['export', 'archive', '--output', shop.path('a.zip.age')]
    expect(await shop.ask(...output, '--recipient', 'bob')).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'usage.invalid' } },
    })
    const both = ['--recipient', 'age1x', '--passphrase-file', secretFile('p', 'x')]
    expect(await shop.ask(...output, ...both)).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'usage.invalid' } },
    })
  })
})

describe('tillsafe export shop', () => {
  test('holds every workspace; restore --all brings each back, --workspace one', async () => {
    const bakery = shop.path('bakery', 'pos.db')
    makeDatabase(bakery, 5)
    await shop.ask('workspace', 'add', '--name', 'Bakery', '--database', bakery)
    const file = shop.path('shop.zip')
    expect(await shop.ask('export', 'shop', '--output', file)).toMatchObject({
      exitCode: 0,
      document: { backups: [{ workspace: 'epicerie' }, { workspace: 'bakery' }] },
    })
    expect(await shop.ask('analyze', file)).toMatchObject({
      document: { kind: 'shop', workspaces: [{ workspace: { id: 'epicerie' } }, { workspace: { id: 'bakery' } }] },
    })
    sellMore(shop.database, 1)
    sellMore(bakery, 1)
    expect(await shop.ask('restore', file)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'workspace.other' } },
    })
    await shop.ask('restore', file, '--workspace', 'bakery', '--confirm', 'RESTORE')
    expect([countTickets(shop.database), countTickets(bakery)]).toEqual([4, 5])
    expect(await shop.ask('restore', file, '--all', '--plan')).toMatchObject({ document: { confirmation: 'RESTORE' } })
    expect(await shop.ask('restore', file, '--all')).toMatchObject({ exitCode: 3 })
    expect(await shop.ask('restore', file, '--all', '--confirm', 'RESTORE')).toMatchObject({
      exitCode: 0,
      document: { workspaces: [{ restored: {} }, { restored: {} }] },
    })
    expect([countTickets(shop.database), countTickets(bakery)]).toEqual([3, 5])
    expect(await shop.ask('restore', file, '--all', '--into', shop.path('both'))).toMatchObject({ exitCode: 0 })
    expect(await readdir(shop.path('both'))).toEqual(['bakery', 'epicerie'])
  })
})

describe('tillsafe destination', () => {
  test('adds a place that keeps archives, lists it, and lets go of it again', async () => {
    const zips = shop.path('zips')
    expect(await shop.ask('destination', 'add', 'zips', '--path', zips, '--store', 'archive')).toMatchObject({
      exitCode: 0,
      document: { destination: { name: 'zips', kind: 'local', path: zips, store: 'archive' } },
    })
    const id = await shop.backUp()
    const { document } = await shop.ask<{ backups: { places: { store: string; key: string }[] }[] }>('list')
    expect(document.backups[0]?.places.map(({ store }) => store)).toEqual(['copies', 'archive'])
    expect(basename(document.backups[0]?.places[1]?.key ?? '')).toMatch(/\.zip$/)
    expect(await shop.ask('verify', id)).toMatchObject({ exitCode: 0, document: { results: [{ ok: true }] } })
    expect(await shop.ask('destination', 'list')).toMatchObject({
      document: { destinations: [{ name: 'local' }, { name: 'zips', copies: [{ store: 'archive' }] }] },
    })
    expect(await shop.ask('destination', 'add', 'zips', '--path', shop.path('other'))).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'destination.exists' } },
    })
    expect(await shop.ask('destination', 'remove', 'zips')).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('destination', 'remove', 'local')).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'usage.invalid' } },
    })
  })

  test('a damaged archive is named by verify', async () => {
    const zips = shop.path('zips')
    await shop.ask('destination', 'add', 'zips', '--path', zips, '--store', 'archive')
    const id = await shop.backUp()
    const { document } = await shop.ask<{ backups: { places: { key: string }[] }[] }>('list')
    const file = shop.path('zips', document.backups[0]?.places[1]?.key ?? '')
    const bytes = readFileSync(file)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect(await shop.ask('verify', id)).toMatchObject({
      exitCode: 4,
      document: { results: [{ ok: false, problems: [expect.stringContaining('zips')] }] },
    })
  })
})

function secretFile(name: string, secret: string): string {
  const file = shop.path(`${name}.txt`)
  writeFileSync(file, `${secret}\n`)
  return file
}
