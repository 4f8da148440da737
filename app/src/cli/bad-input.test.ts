import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDatabase, readJson, TryOut } from '../testing/try-out.ts'

/** What stands where a database should be, and how each is refused. */
const BAD_DATABASES = [
  {
    name: 'a text',
    make: (file) => writeFileSync(file, 'no database at all, '.repeat(100)),
    code: 'source.not-a-database',
    exitCode: 4,
  },
  { name: 'a file of 0 bytes', make: (file) => writeFileSync(file, ''), code: 'source.not-a-database', exitCode: 4 },
  { name: 'a file of 1 byte', make: (file) => writeFileSync(file, 'S'), code: 'source.not-a-database', exitCode: 4 },
  { name: 'a folder', make: (file) => mkdirSync(file), code: 'source.not-a-database', exitCode: 4 },
  { name: 'a database cut short', make: makeCutDatabase, code: 'source.damaged', exitCode: 4 },
  { name: 'nothing', make: () => undefined, code: 'source.missing', exitCode: 1 },
] as const satisfies readonly { name: string; make: (file: string) => void; code: string; exitCode: number }[]

describe('a bad database', () => {
  const shop = new TryOut()

  beforeAll(async () => {
    await shop.init()
    await shop.backUp()
  })
  afterAll(() => shop[Symbol.dispose]())

  test.each(BAD_DATABASES)('$name is refused by init, and nothing is made', async ({ make, code, exitCode }) => {
    using bare = new TryOut()
    const file = bare.path('given.db')
    make(file)
    const before = await bare.tree()
    const answer = await bare.ask('init', '--name', 'a', '--country', 'FR', '--database', file)
    expect(answer).toMatchObject({ exitCode, document: { error: { code, message: expect.stringContaining(file) } } })
    expect(await bare.tree()).toEqual(before)
  })

  test.each(BAD_DATABASES)('$name is refused by analyze and by restore', async ({ make, code, exitCode }) => {
    const file = shop.path('given.db')
    rmSync(file, { recursive: true, force: true })
    make(file)
    const before = await shop.tree()
    expect(await shop.ask('analyze', file)).toMatchObject({ exitCode, document: { error: { code } } })
    if (code !== 'source.missing') {
      const answer = await shop.ask('restore', file, '--confirm', 'FOREIGN')
      expect(answer).toMatchObject({ exitCode, document: { error: { code } } })
    }
    expect(await shop.tree()).toEqual(before)
  })

  test.each(BAD_DATABASES)(
    '$name in the place of the live one fails the backup and harms no older one',
    async (bad) => {
      renameSync(shop.database, `${shop.database}.aside`)
      try {
        bad.make(shop.database)
        const before = await shop.tree()
        const answer = await shop.ask('backup')
        expect(answer).toMatchObject({ exitCode: bad.exitCode, document: { error: { code: bad.code } } })
        expect(await shop.tree()).toEqual(before)
      } finally {
        rmSync(shop.database, { recursive: true, force: true })
        renameSync(`${shop.database}.aside`, shop.database)
      }
    },
  )

  test('a WAL without its database is named as such', async () => {
    using bare = new TryOut()
    const file = bare.path('gone.db')
    writeFileSync(`${file}-wal`, 'sales that nobody wants to lose')
    const before = await bare.tree()
    expect(await bare.ask('init', '--name', 'a', '--country', 'FR', '--database', file)).toMatchObject({
      exitCode: 4,
      document: { error: { code: 'source.wal-without-database' } },
    })
    expect(await bare.tree()).toEqual(before)
  })
})

describe('a name or a path that leads nowhere', () => {
  const shop = new TryOut()
  let backup = ''

  beforeAll(async () => {
    await shop.init()
    backup = await shop.backUp()
  })
  afterAll(() => shop[Symbol.dispose]())

  test.each([
    ['an unknown workspace', ['backup', '--workspace', 'nobody'], 'workspace.unknown', 2],
    ['an unknown workspace to remove', ['workspace', 'remove', 'nobody'], 'workspace.unknown', 2],
    ['an unknown destination', ['backup', '--to', 'nowhere'], 'destination.unknown', 2],
    ['an unknown destination to list', ['list', '--destination', 'nowhere'], 'destination.unknown', 2],
    ['an unknown backup', ['show', 'ffffffffffffffff'], 'backup.unknown', 2],
    ['an unknown backup to verify', ['verify', 'ffffffffffffffff'], 'backup.unknown', 2],
    ['an unknown backup to restore', ['restore', 'ffffffffffffffff', '--confirm', 'RESTORE'], 'backup.unknown', 2],
    ['an empty id', ['restore', ''], 'backup.unknown', 2],
    ['neither an id nor a file', ['restore', 'yesterday'], 'backup.unknown', 2],
    ['nothing to undo', ['undo', '--confirm', 'RESTORE'], 'undo.nothing', 3],
  ])('%s', async (_, args, code, exitCode) => {
    const before = await shop.tree()
    expect(await shop.ask(...args)).toMatchObject({ exitCode, document: { error: { code } } })
    expect(await shop.tree()).toEqual(before)
  })

  test('a place where nothing can be written is named, and nothing is left behind', async () => {
    const before = await shop.tree()
    const under = (name: string) => `${shop.database}/${name}`
    const refused = { exitCode: 1, document: { error: { code: 'destination.missing' } } }
    expect(await shop.ask('export', 'database', '--output', under('copy.db'))).toMatchObject(refused)
    expect(await shop.ask('restore', backup, '--into', under('folder'))).toMatchObject(refused)
    const init = ['init', '--name', 'a', '--country', 'FR', '--database', shop.database]
    const elsewhere = ['--home', shop.path('second')]
    expect(await shop.ask(...init, ...elsewhere, '--destination', under('backups'))).toMatchObject(refused)
    expect(await shop.ask(...init, '--home', under('home'))).toMatchObject(refused)
    expect(await shop.tree()).toEqual(before)
  })

  test('images that are not there are refused at init', async () => {
    using bare = new TryOut()
    const before = await bare.tree()
    expect(await bare.init('--images', bare.path('nowhere'))).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'source.missing' } },
    })
    expect(await bare.tree()).toEqual(before)
  })

  test('a folder without a shop is home.missing, and stays empty', async () => {
    for (const args of [['list'], ['backup'], ['doctor'], ['workspace', 'list'], ['restore', 'abc']]) {
      const answer = await shop.ask(...args, '--home', shop.path('empty'))
      expect(answer).toMatchObject({ exitCode: 2, document: { error: { code: 'home.missing' } } })
    }
    expect(Object.keys(await shop.tree()).filter((path) => path.startsWith('empty'))).toEqual([])
  })

  test('settings that do not fit are named with the place, and nothing else is changed', async () => {
    using bare = new TryOut()
    await bare.init()
    const file = bare.path('home', 'tillsafe.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"country": "FR"', '"country": "France"'))
    const before = await bare.tree()
    expect(await bare.ask('backup')).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'settings.invalid', message: expect.stringContaining('/shop/country') } },
    })
    writeFileSync(file, '{')
    expect(await bare.ask('backup')).toMatchObject({ exitCode: 2, document: { error: { code: 'settings.invalid' } } })
    expect(Object.keys(await bare.tree())).toEqual(Object.keys(before))
  })
})

describe('a file of somebody else', () => {
  const ours = new TryOut()
  const theirs = new TryOut(7)
  let foreign = ''

  beforeAll(async () => {
    await ours.init()
    await theirs.init()
    foreign = theirs.path('theirs.db')
    await theirs.ask('export', 'database', '--output', foreign)
  })
  afterAll(() => {
    ours[Symbol.dispose]()
    theirs[Symbol.dispose]()
  })

  test('is known as foreign, and never restored, whatever the words', async () => {
    const before = await ours.tree()
    expect(await ours.ask('analyze', foreign)).toMatchObject({ exitCode: 0, document: { identity: 'foreign' } })
    for (const confirm of ['RESTORE', 'FOREIGN', 'RESTORE WITHOUT SAFETY BACKUP']) {
      expect(await ours.ask('restore', foreign, '--confirm', confirm)).toMatchObject({
        exitCode: 3,
        document: { error: { code: 'identity.foreign' } },
      })
    }
    expect(await ours.tree()).toEqual(before)
  })

  test('a label of a later version is refused, naming the cure', async () => {
    const file = ours.path('later.db')
    await ours.ask('export', 'database', '--output', file)
    const signed = readJson<{ label: { version: number } }>(`${file}.json`)
    signed.label.version += 1
    writeFileSync(`${file}.json`, JSON.stringify(signed))
    const before = await ours.tree()
    const hint = expect.stringContaining('Update Tillsafe')
    const refused = { exitCode: 3, document: { error: { code: 'backup.label-newer', hint } } }
    expect(await ours.ask('analyze', file)).toMatchObject(refused)
    expect(await ours.ask('restore', file, '--confirm', 'RESTORE')).toMatchObject(refused)
    expect(await ours.tree()).toEqual(before)
  })

  test('a file that was altered after its label was written is told as damaged, and is no longer ours', async () => {
    const file = ours.path('altered.db')
    await ours.ask('export', 'database', '--output', file)
    makeDatabase(`${file}.other`, 1)
    renameSync(`${file}.other`, file)
    expect(await ours.ask('analyze', file)).toMatchObject({
      exitCode: 4,
      document: { identity: 'unknown', problems: [expect.stringContaining('differs from what its label describes')] },
    })
    expect(await ours.ask('restore', file, '--confirm', 'RESTORE')).toMatchObject({
      exitCode: 3,
      document: { error: { confirm: 'FOREIGN' } },
    })
  })
})

function makeCutDatabase(file: string): void {
  makeDatabase(file, 500, 100)
  truncateSync(file, 6000)
}
