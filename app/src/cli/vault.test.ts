import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countTickets, sellMore, TryOut } from '../testing/try-out.ts'

const LONG_AGO = new Date('2026-01-01T12:00:00Z')

let shop: TryOut
let safe: string

beforeEach(async () => {
  shop = new TryOut(3)
  await shop.init()
  safe = shop.path('safe')
  await shop.ask('destination', 'add', 'safe', '--path', safe, '--store', 'vault')
})
afterEach(() => shop[Symbol.dispose]())

describe('a vault', () => {
  test('keeps backups that are listed, verified and restored', async () => {
    const taken = await shop.ask('backup', '--to', 'safe')
    expect(taken).toMatchObject({ exitCode: 0, document: { copies: [{ destination: 'safe', ok: true }] } })
    const { id } = taken.document['backup'] as { id: string }
    sellMore(shop.database, 2)
    expect(await shop.ask('list')).toMatchObject({ document: { backups: [{ id }] } })
    expect(await shop.ask('verify')).toMatchObject({ exitCode: 0, document: { results: [{ id, ok: true }] } })
    expect(await shop.ask('restore', id, '--confirm', 'RESTORE', '--reason', 'mistake')).toMatchObject({ exitCode: 0 })
    expect(countTickets(shop.database)).toBe(3)
  })

  test('does not read again a shop that has sold nothing, unless something of it is missing', async () => {
    utimesSync(shop.database, LONG_AGO, LONG_AGO)
    const backUp = async (): Promise<number> => {
      const taken = await shop.ask('backup', '--to', 'safe')
      expect(taken).toMatchObject({ exitCode: 0 })
      latest = (taken.document['backup'] as { id: string }).id
      expect(await shop.ask('verify')).toMatchObject({ exitCode: 0, document: { results: [{ ok: true }] } })
      const [remembered = ''] = readdirSync(join(shop.home, 'vault')).filter((name) => name.endsWith('.read'))
      return statSync(join(shop.home, 'vault', remembered)).mtimeMs
    }
    let latest = ''
    const read = await backUp()
    expect(read).toBeGreaterThan(0)
    expect(await backUp()).toBe(read)
    for (const pack of packsIn(safe)) {
      rmSync(pack)
    }
    expect(await backUp()).toBe(read)
    sellMore(shop.database, 2)
    await backUp()
    expect(await shop.ask('restore', latest, '--confirm', 'RESTORE', '--reason', 'mistake')).toMatchObject({
      exitCode: 0,
    })
    expect(countTickets(shop.database)).toBe(5)
  })

  test('asks for the emergency kit until one is made', async () => {
    expect(problemsOf(await shop.ask('backup', '--to', 'safe'))).toContain('kit')
    await shop.ask('kit', '--output', shop.path('kit.pdf'))
    expect(problemsOf(await shop.ask('backup', '--to', 'safe'))).not.toContain('kit')
  })

  test('is whole after what nobody needs was removed', async () => {
    await shop.ask('backup', '--to', 'safe')
    sellMore(shop.database, 500)
    await shop.ask('backup', '--to', 'safe')
    expect(await shop.ask('vault', 'prune', '--preview')).toMatchObject({ exitCode: 0, document: { planned: {} } })
    expect(await shop.ask('vault', 'prune', '--max-unused', '0%')).toMatchObject({ document: { pruned: {} } })
    expect(await shop.ask('vault', 'check', '--read', 'everything')).toMatchObject({
      exitCode: 0,
      document: { problems: [], snapshots: 2 },
    })
  })

  test('says which backups a lost pack hurts, and what a repair could not save', async () => {
    await shop.ask('backup', '--to', 'safe')
    rmSync(packsIn(safe)[0] ?? '')
    expect(await shop.ask('vault', 'check')).toMatchObject({
      exitCode: 4,
      document: {
        problems: expect.arrayContaining([expect.objectContaining({ file: expect.stringContaining('data/') })]),
      },
    })
    expect(await shop.ask('vault', 'repair')).toMatchObject({ exitCode: 4, document: { repaired: { lost: [{}] } } })
    expect(await shop.ask('backup', '--to', 'safe')).toMatchObject({ exitCode: 0 })
  })

  test('opens with a password that was added, until it is removed', async () => {
    await shop.ask('backup', '--to', 'safe')
    const password = shop.path('password')
    writeFileSync(password, 'a phrase of the accountant\n')
    const added = await shop.ask('vault', 'key', 'add', '--new-password-file', password)
    const { name } = added.document['key'] as { name: string }
    expect(await shop.ask('vault', 'check', '--password-file', password)).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('vault', 'key', 'remove', name.slice(0, 8))).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('vault', 'check', '--password-file', password)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong' } },
    })
  })

  test('never loses the key of the shop', async () => {
    await shop.ask('backup', '--to', 'safe')
    const password = shop.path('password')
    writeFileSync(password, 'another phrase\n')
    const { keys } = (await shop.ask('vault', 'key', 'list')).document as { keys: { name: string }[] }
    await shop.ask('vault', 'key', 'add', '--new-password-file', password)
    const own = keys[0]?.name ?? ''
    for (const opened of [[], ['--password-file', password]]) {
      expect(await shop.ask('vault', 'key', 'remove', own, ...opened)).toMatchObject({
        exitCode: 2,
        document: { error: { code: 'usage.invalid' } },
      })
    }
    expect(await shop.ask('vault', 'key', 'change', '--new-password-file', password)).toMatchObject({ exitCode: 2 })
    expect(await shop.ask('backup', '--to', 'safe')).toMatchObject({ exitCode: 0 })
  })

  test('of another shop is refused, and nothing in it changes', async () => {
    await shop.ask('backup', '--to', 'safe')
    using other = new TryOut(3)
    await other.init()
    await mkdir(other.path('theirs'))
    await other.ask('destination', 'add', 'theirs', '--path', safe, '--store', 'vault')
    const before = packsIn(safe).length
    expect(await other.ask('backup', '--to', 'theirs')).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong' } },
    })
    expect(packsIn(safe)).toHaveLength(before)
  })
})

test('a workspace without a vault is told how to get one', async () => {
  await shop.ask('destination', 'remove', 'safe')
  expect(await shop.ask('vault', 'check')).toMatchObject({
    exitCode: 2,
    document: { error: { code: 'destination.unknown', hint: expect.stringContaining('--store vault') } },
  })
})

function problemsOf({ document }: { document: Record<string, unknown> }): string {
  return JSON.stringify(document['problems'] ?? [])
}

function packsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /data.[0-9a-f]{2}.[0-9a-f]{64}$/.test(path) && readFileSync(path).byteLength > 0)
}
