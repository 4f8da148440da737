import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { countTickets, interruptAt, makeDatabase, readJson, runTillsafe, sellMore, TryOut } from '../testing/try-out.ts'

const ID = expect.stringMatching(/^[0-9a-f]{32}$/)
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const noProblems: readonly string[] = []

describe('a shop on the command line', () => {
  const shop = new TryOut(3)
  let first = ''

  beforeAll(async () => {
    expect(await shop.init()).toMatchObject({
      exitCode: 0,
      document: {
        shop: { id: ID, name: 'Épicerie', country: 'FR', timeZone: 'Europe/Paris' },
        workspace: { id: 'epicerie', database: shop.database },
        destination: { name: 'local', path: shop.path('home', 'backups') },
      },
    })
    first = await shop.backUp()
  })

  afterAll(() => shop[Symbol.dispose]())

  test('a home folder has one shop', async () => {
    const before = await shop.tree()
    expect(await shop.init()).toMatchObject({ exitCode: 3, document: { error: { code: 'home.exists' } } })
    expect(await shop.tree()).toEqual(before)
  })

  test('a backup says where each copy lies', async () => {
    const { exitCode, document } = await shop.ask('backup')
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({
      backup: { id: ID, workspace: 'epicerie', trigger: 'manual', origin: 'manual', tiers: ['manual'] },
      copies: [{ destination: 'local', ok: true, key: expect.stringMatching(/^epicerie\/Manual\/Épicerie_backup_/) }],
    })
  })

  test('the list is newest first, each backup with its places', async () => {
    const { exitCode, document } = await shop.ask<{ backups: { id: string }[] }>('list')
    expect(exitCode).toBe(0)
    expect(document.backups.at(-1)).toMatchObject({
      id: first,
      takenAt: INSTANT,
      trigger: 'manual',
      origin: 'manual',
      tiers: ['manual'],
      bytes: expect.any(Number),
      places: [{ destination: 'local', store: 'copies' }],
    })
    expect(await shop.ask('list', '--destination', 'local')).toMatchObject({ document: { problems: noProblems } })
  })

  test('the first characters of an id are enough', async () => {
    const { document } = await shop.ask('show', first.slice(0, 10))
    expect(document).toMatchObject({ backup: { id: first, database: { condition: 'sound', engine: 'sqlite' } } })
  })

  test('verifying says of each backup whether it is whole', async () => {
    expect(await shop.ask('verify', first)).toMatchObject({
      exitCode: 0,
      document: { results: [{ id: first, ok: true, problems: [] }] },
    })
    expect(await shop.ask('verify')).toMatchObject({ exitCode: 0, document: { results: [{ ok: true }] } })
    const { document } = await shop.ask<{ results: unknown[] }>('verify', '--all')
    const { document: listed } = await shop.ask<{ backups: unknown[] }>('list')
    expect(document.results).toHaveLength(listed.backups.length)
  })

  test('without a terminal and without --confirm a restore is refused with the words it wants, and changes nothing', async () => {
    const before = await shop.tree()
    expect(await shop.ask('restore', first)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'confirmation.needed', confirm: 'RESTORE', hint: expect.any(String) } },
    })
    expect(await shop.ask('restore', first, '--confirm', 'restore')).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'confirmation.needed', confirm: 'RESTORE' } },
    })
    expect(await shop.tree()).toEqual(before)
  })

  test('--plan prints the plan as data and does nothing', async () => {
    const before = await shop.tree()
    const { document } = await shop.ask('restore', first, '--plan')
    expect(document).toMatchObject({
      plan: {
        from: { kind: 'backup', id: first },
        confirmation: 'RESTORE',
        current: 'sound',
        steps: [{ kind: 'take-safety-backup' }, { kind: 'stage' }, { kind: 'replace-database' }],
      },
    })
    expect(await shop.tree()).toEqual(before)
  })

  test('a restore brings the data back, names its safety backup, and undo takes it back', async () => {
    sellMore(shop.database, 5)
    const restored = await shop.ask('restore', first, '--confirm', 'RESTORE', '--reason', 'mistake')
    expect(restored).toMatchObject({
      exitCode: 0,
      document: { restored: { id: first, sections: [] }, safetyBackup: { id: ID }, reason: 'mistake' },
    })
    expect(countTickets(shop.database)).toBe(3)
    expect(await shop.ask('undo')).toMatchObject({ exitCode: 3, document: { error: { confirm: 'RESTORE' } } })
    expect(await shop.ask('undo', '--confirm', 'RESTORE')).toMatchObject({
      exitCode: 0,
      document: { restored: { id: (restored.document['safetyBackup'] as { id: string }).id } },
    })
    expect(countTickets(shop.database)).toBe(8)
  })

  test('a restore into a new folder needs no words and touches nothing live', async () => {
    const before = countTickets(shop.database)
    const folder = shop.path('looked up')
    expect(await shop.ask('restore', first, '--into', folder)).toMatchObject({
      exitCode: 0,
      document: { restored: { id: first, database: shop.path('looked up', 'database.db') }, safetyBackup: null },
    })
    expect(countTickets(shop.path('looked up', 'database.db'))).toBe(3)
    expect(countTickets(shop.database)).toBe(before)
    expect(await shop.ask('restore', first, '--into', folder)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'restore.target-exists' } },
    })
  })

  test('an exported database is known as our own, and never replaces a file', async () => {
    const file = shop.path('copy.db')
    expect(await shop.ask('export', 'database', '--output', file)).toMatchObject({
      exitCode: 0,
      document: { file, labelFile: `${file}.json`, bytes: expect.any(Number) },
    })
    expect(await shop.ask('analyze', file)).toMatchObject({
      exitCode: 0,
      document: { kind: 'database-copy', identity: 'own', shop: 'Épicerie', takenAt: INSTANT, problems: [] },
    })
    expect(await shop.ask('export', 'database', '--output', file)).toMatchObject({ exitCode: 3 })
  })

  test('a bare database file is analysed with a shop and without, and restored with the word FOREIGN', async () => {
    const file = shop.path('bare.db')
    makeDatabase(file, 2)
    const expected = {
      exitCode: 0,
      document: { kind: 'database', shop: null, takenAt: null, sections: [], tables: [{ name: 'tickets', rows: 2 }] },
    }
    expect(await shop.ask('analyze', file)).toMatchObject(expected)
    expect(await shop.ask('analyze', file, '--home', shop.path('nowhere'))).toMatchObject(expected)
    expect(await shop.ask('restore', file, '--confirm', 'RESTORE')).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'confirmation.needed', confirm: 'FOREIGN' } },
    })
    expect(await shop.ask('restore', file, '--confirm', 'FOREIGN')).toMatchObject({ exitCode: 0 })
    expect(countTickets(shop.database)).toBe(2)
  })

  test('the live database is checked and tidied up', async () => {
    expect(await shop.ask('database', 'check')).toMatchObject({ exitCode: 0, document: { ok: true, faults: [] } })
    expect(await shop.ask('database', 'optimize')).toMatchObject({
      exitCode: 0,
      document: { bytesBefore: expect.any(Number), bytesAfter: expect.any(Number), vacuumed: expect.any(Boolean) },
    })
  })

  test('workspaces are added, backed up by name, listed and removed; the last one stays', async () => {
    const accounts = shop.path('accounts.db')
    makeDatabase(accounts, 1)
    const added = await shop.ask('workspace', 'add', '--name', 'Mes comptes', '--kind', 'other', '--database', accounts)
    expect(added).toMatchObject({ exitCode: 0, document: { workspace: { id: 'mes-comptes', kind: 'other' } } })
    const { document } = await shop.ask<{ backup: { id: string } }>('backup', '--workspace', 'mes-comptes')
    expect(document).toMatchObject({ backup: { workspace: 'mes-comptes' } })
    expect(await shop.ask('show', document.backup.id)).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('workspace', 'list')).toMatchObject({
      document: { workspaces: [{ id: 'epicerie' }, { id: 'mes-comptes' }] },
    })
    expect(await shop.ask('workspace', 'remove', 'Mes comptes')).toMatchObject({
      document: { removed: { id: 'mes-comptes' } },
    })
    expect(await shop.ask('workspace', 'remove', 'epicerie')).toMatchObject({ exitCode: 2 })
  })

  test('doctor ends with 0 while all is well, and with 1 when something needs a person', async () => {
    expect(await shop.ask('doctor')).toMatchObject({
      exitCode: 0,
      document: { needs: [], workspaces: [{ workspace: 'epicerie', state: 'sound', lastGood: { takenAt: INSTANT } }] },
    })
    using fresh = new TryOut()
    await fresh.init()
    const { exitCode, document } = await fresh.ask<{ needs: string[] }>('doctor')
    expect(exitCode).toBe(1)
    expect(document.needs).toEqual([expect.stringContaining('no good backup')])
  })

  test('for a person: the answer on standard output, progress on standard error, none with --quiet', async () => {
    const loud = await shop.run('backup')
    expect(loud.stdout).toMatch(/^Backup [0-9a-f]{8} of /)
    expect(loud.stderr).toMatch(/^Writing \(local\)$/m)
    const quiet = await shop.run('backup', '--quiet')
    expect(quiet.stderr).toBe('')
    const refused = await shop.run('show', 'ffffffffffff', '--quiet')
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('[backup.unknown]')
  })

  test('the home folder is that of TILLSAFE_HOME unless --home is given', async () => {
    const { exitCode, stdout } = await runTillsafe(['list', '--json'], { TILLSAFE_HOME: shop.home })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).backups).not.toEqual([])
  })

  test('while another process has the home, its backups can be listed and a backup is refused', async () => {
    const { BackupCenter } = await import('@tillsafe/engine')
    await using center = await BackupCenter.open(shop.home, { version: 'test' })
    expect(center.recovered).toEqual([])
    expect(await shop.ask('list')).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('backup')).toMatchObject({ exitCode: 1, document: { error: { code: 'home.busy' } } })
  })
})

describe('bad news', () => {
  test('when some copies fail and one is good, the backup is told and the end is 1', async () => {
    using shop = new TryOut()
    await shop.init()
    await addDestination(shop, 'usb', shop.path('till', 'caisse nº 1.db', 'usb'))
    const { exitCode, document } = await shop.ask('backup')
    expect(exitCode).toBe(1)
    expect(document).toMatchObject({
      backup: { id: ID },
      copies: [
        { destination: 'local', ok: true },
        { destination: 'usb', ok: false, error: { code: expect.stringMatching(/^destination\./) } },
      ],
    })
    expect(await shop.ask('backup', '--to', 'local')).toMatchObject({ exitCode: 0 })
    expect(await shop.ask('backup', '--to', 'usb')).toMatchObject({ exitCode: 1, document: { error: {} } })
    expect(await shop.ask('doctor')).toMatchObject({ exitCode: 1 })
  })

  test('a damaged backup ends verify with 4, and the other backups are still verified', async () => {
    using shop = new TryOut()
    await shop.init()
    const older = await shop.backUp()
    const newer = await shop.backUp()
    const file = await fileOf(shop, newer)
    const bytes = await readFile(file)
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    await writeFile(file, bytes)
    const { exitCode, document } = await shop.ask<{ results: unknown[] }>('verify', '--all')
    expect(exitCode).toBe(4)
    expect(document.results).toEqual([
      { id: newer, ok: false, problems: [expect.stringContaining('local: ')] },
      { id: older, ok: true, problems: [] },
    ])
    const before = await shop.tree()
    const refused = await shop.ask('restore', newer, '--into', shop.path('into'))
    expect(refused).toMatchObject({ exitCode: 4, document: { error: { code: 'backup.damaged' } } })
    expect(await shop.tree()).toEqual(before)
  })

  test('a label that cannot be trusted ends verify --all with 4', async () => {
    using shop = new TryOut()
    await shop.init()
    const label = `${await fileOf(shop, await shop.backUp())}.json`
    await writeFile(label, (await readFile(label, 'utf8')).replace('"manual"', '"closing"'))
    expect(await shop.ask('verify', '--all')).toMatchObject({
      exitCode: 4,
      document: { results: [], unreadable: [{ destination: 'local', problem: expect.any(String) }] },
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s cancels a backup and leaves nothing of it', async (signal) => {
    using shop = new TryOut()
    makeDatabase(shop.path('large.db'), 40, 1_000_000)
    await shop.ask('init', '--name', 'Large', '--country', 'FR', '--database', shop.path('large.db'))
    const before = await shop.tree()
    const { exitCode, stdout } = await interruptAt('Writing', signal, ['--home', shop.home, 'backup', '--json'])
    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 1, error: { code: 'job.cancelled' } })
    expect(await shop.ask('list')).toMatchObject({ document: { backups: [] } })
    expect(await shop.tree()).toEqual(before)
  })
})

describe('wrong use', () => {
  test.each([
    ['an unknown command', ['burn']],
    ['an unknown option', ['list', '--everything']],
    ['a missing argument', ['show']],
    ['a missing option', ['export', 'database']],
    ['a reason that is none', ['restore', 'abc', '--reason', 'because']],
    ['no command at all', []],
    ['a group without its command', ['database']],
    ['a number that is none', ['demo', '--days', 'many']],
    ['a country that is none', ['init', '--name', 'a', '--country', 'France', '--database', 'b']],
    ['a time zone that is none', ['init', '--name', 'a', '--country', 'FR', '--database', 'b', '--time-zone', 'Mars']],
    [
      'a till command that is no array',
      ['init', '--name', 'a', '--country', 'FR', '--database', 'b', '--till-stop', 'x'],
    ],
    ['a database that is no file', ['init', '--name', 'a', '--country', 'FR', '--database', 'postgresql://host/pos']],
  ])('%s is usage.invalid, and ends with 2', async (_, args) => {
    const { exitCode, stdout } = await runTillsafe([...args, '--json', '--home', '/nowhere'])
    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 2, error: { code: 'usage.invalid' } })
  })

  test('every command has help with examples', async () => {
    const commands = ['init', 'demo', 'backup', 'list', 'show', 'verify', 'analyze', 'restore', 'undo', 'doctor']
    const grouped = ['workspace add', 'workspace list', 'workspace remove', 'export database', 'database check']
    for (const command of [...commands, ...grouped]) {
      const { exitCode, stdout } = await runTillsafe([...command.split(' '), '--help'])
      expect({ command, exitCode, stdout }).toEqual({
        command,
        exitCode: 0,
        stdout: expect.stringMatching(new RegExp(`Examples:\n( {2}tillsafe ${command}.*\n){2,3}$`)),
      })
    }
  })
})

describe('around it', () => {
  test('the demo is a shop whose till has been selling, ready for its first backup', async () => {
    using shop = new TryOut()
    const { exitCode, document } = await shop.ask<{ till: { tickets: number } }>('demo', '--days', '1', '--seed', '3')
    expect(exitCode).toBe(0)
    expect(document.till.tickets).toBeGreaterThan(0)
    expect(await shop.ask('backup')).toMatchObject({ exitCode: 0 })
    const before = await shop.tree()
    expect(await shop.ask('demo')).toMatchObject({ exitCode: 3, document: { error: { code: 'home.exists' } } })
    expect(await shop.tree()).toEqual(before)
  })

  test('a link to the database is followed to the file that a restore replaces', async () => {
    using shop = new TryOut()
    await symlink(shop.database, shop.path('link.db'))
    const answer = await shop.ask('init', '--name', 'a', '--country', 'FR', '--database', shop.path('link.db'))
    expect(answer).toMatchObject({ exitCode: 0, document: { workspace: { database: shop.database } } })
  })

  test('the launcher runs the command line and passes its end on', async () => {
    const launcher = fileURLToPath(new URL('../../bin/tillsafe.cjs', import.meta.url))
    const { stdout } = await promisify(execFile)(execPath, [launcher, '--version'])
    expect(stdout).toBe(`${packageJson.version}\n`)
    const failed = promisify(execFile)(execPath, [launcher, 'burn'], { env: {} })
    await expect(failed).rejects.toMatchObject({ code: 2 })
  })

  test('whoever stops reading does not make it fail', async () => {
    const main = fileURLToPath(new URL('../main.ts', import.meta.url))
    const line = `"${execPath}" "${main}" --help | head -1`
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', line])
    expect({ stdout, stderr }).toEqual({ stdout: 'Usage: tillsafe [options] [command]\n', stderr: '' })
  })
})

async function addDestination(shop: TryOut, name: string, path: string): Promise<void> {
  const file = shop.path('home', 'tillsafe.json')
  const settings = readJson<{ destinations: object[]; workspaces: { copies: { destination: string }[] }[] }>(file)
  settings.destinations.push({ name, kind: 'local', path })
  settings.workspaces[0]?.copies.push({ ...settings.workspaces[0].copies[0], destination: name })
  await writeFile(file, JSON.stringify(settings))
}

/** The database file of a backup in the first destination. */
async function fileOf(shop: TryOut, id: string): Promise<string> {
  const { document } = await shop.ask<{ backup: { places: { key: string }[] } }>('show', id)
  return shop.path('home', 'backups', ...(document.backup.places[0]?.key.split('/') ?? []))
}
