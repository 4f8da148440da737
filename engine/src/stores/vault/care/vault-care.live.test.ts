import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../../tools/needs.ts'
import { type ResticRepository, restic, resticBytes, resticJson, tryRestic } from '../../../../../tools/stock-restic.ts'
import { LocalDestination } from '../../../destinations/local.ts'
import { readAll } from '../../../snapshot/bytes-content.ts'
import { collect } from '../../../testing/collect.ts'
import {
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../../testing/synthetic-snapshot.ts'
import { testJob } from '../../../testing/test-job.ts'
import { TemporaryFolder } from '../../../work/temporary-folder.ts'
import { vaultUser } from '../../../work/vault-user.ts'
import { VaultStore, type VaultStoreOptions } from '../vault-store.ts'
import { VaultCare } from './vault-care.ts'

const PASSWORD = 'TILL-TEST'

describe.skipIf(needs('restic'))('care of a vault beside stock restic', { timeout: 300_000 }, () => {
  let folder: TemporaryFolder
  const shop = syntheticShop()
  beforeAll(async () => {
    folder = await TemporaryFolder.make(tmpdir(), 'tillsafe care é ')
  })
  afterAll(async () => await folder[Symbol.asyncDispose]())

  async function place(
    name: string,
  ): Promise<{ options: VaultStoreOptions; care: VaultCare; stock: ResticRepository }> {
    const path = folder.join(name)
    await mkdir(path)
    const { signer, ...mark } = shop
    const options = {
      destination: new LocalDestination({ path, owner: '0123456789abcdef0123456789abcdef' }),
      workspace: 'main',
      shop: mark,
      signer,
      timeZone: 'Europe/Brussels',
      passwords: [PASSWORD],
      user: vaultUser(),
      hints: folder.join(`${name} hints`),
    }
    return { options, care: new VaultCare(options), stock: { folder: join(path, 'main', 'Vault'), password: PASSWORD } }
  }

  async function files(name: string, contents: Readonly<Record<string, Uint8Array>>): Promise<string> {
    const root = folder.join(name)
    await rm(root, { recursive: true, force: true })
    await mkdir(join(root, 'deep', 'er'), { recursive: true })
    for (const [path, bytes] of Object.entries(contents)) {
      await writeFile(join(root, path), bytes)
    }
    return root
  }

  test('what restic wrote and pruned is whole, is damaged, and is pruned as restic would', async () => {
    const { care, stock } = await place('stock')
    await restic(stock, ['init', '--repository-version', '2'])
    const lasting = {
      keep: randomBytes(3_000_000),
      'deep/er/empty': Buffer.alloc(0),
      'deep/text': Buffer.from('text '.repeat(50_000)),
    }
    for (const [day, more] of [randomBytes(900_000), randomBytes(1_200_000), randomBytes(700_000)].entries()) {
      await restic(stock, ['backup', '.'], { cwd: await files('till', { ...lasting, [`deep/day ${day}`]: more }) })
    }
    const snapshots = (await resticJson(stock, ['snapshots', '--json'])) as { id: string }[]
    await restic(stock, ['forget', '--prune', snapshots[0]?.id ?? ''])
    expect((await care.check('everything', testJob())).problems).toEqual([])
    expect((await tryRestic(stock, ['check', '--read-data'])).exitCode).toBe(0)

    await restic(stock, ['forget', snapshots[1]?.id ?? ''])
    const figures = await care.prune({ maxUnusedShare: 0 }, testJob())
    expect(figures.bytes.removed).toBeGreaterThan(1_000_000)
    await restic(stock, ['check', '--read-data'])
    expect((await resticBytes(stock, ['dump', 'latest', '/keep'])).equals(lasting.keep)).toBe(true)
    expect((await care.check('everything', testJob())).problems).toEqual([])

    const [pack = ''] = (await readdir(join(stock.folder, 'data'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const whole = await readFile(pack)
    await rm(pack)
    await writeFile(
      pack,
      whole.map((byte, at) => (at === 100 ? byte ^ 1 : byte)),
    )
    expect((await care.check('everything', testJob())).problems.length).toBeGreaterThan(0)
    expect((await tryRestic(stock, ['check', '--read-data'])).exitCode).not.toBe(0)
    await care.repair({ reading: 'everything', forgetLost: true }, testJob())
    const ours = await care.check('everything', testJob())
    expect((await tryRestic(stock, ['check', '--read-data'])).exitCode === 0).toBe(ours.problems.length === 0)
  })

  test('what we wrote, pruned and repaired is clean to restic, and what restic has pruned is whole to us', async () => {
    const { options, care, stock } = await place('ours')
    const store = new VaultStore(options)
    const backups: { id: string; database: Buffer }[] = []
    for (const sequence of [1, 2, 3, 4]) {
      const database = Buffer.concat([syntheticBytes(2_000_000, 'same'), syntheticBytes(1_000_000, `day ${sequence}`)])
      const images = {
        'images/a.jpg': syntheticBytes(70_000, 'a'),
        'images/b/c.jpg': syntheticBytes(40_000, `c ${sequence}`),
      }
      const heading = syntheticHeading(shop, sequence)
      await store.save(syntheticSnapshot(heading, { database, images }), testJob())
      backups.push({ id: heading.id, database })
    }
    await store.remove([backups[0]?.id ?? ''], testJob())
    await care.prune({ maxUnusedShare: 0 }, testJob())
    await restic(stock, ['check', '--read-data'])

    for (const name of await readdir(join(stock.folder, 'index'))) {
      await rm(join(stock.folder, 'index', name))
    }
    const hurt = (await care.check('structure', testJob())).problems.flatMap(({ hurts }) => hurts)
    expect(hurt.length).toBeGreaterThan(0)
    expect(await care.repair({ reading: 'headers', forgetLost: false }, testJob())).toMatchObject({
      isIndexNew: true,
      lost: [],
    })
    await restic(stock, ['check', '--read-data'])

    await store.remove([backups[1]?.id ?? ''], testJob())
    await restic(stock, ['prune', '--max-unused', '0'])
    expect((await care.check('everything', testJob())).problems).toEqual([])
    for (const { id, database } of backups.slice(2)) {
      expect(await store.verify(id, testJob())).toEqual([])
      await using opened = await store.open(id, testJob())
      const [entry] = await collect(opened.entries())
      expect((await readAll((await entry?.open()) ?? expect.unreachable())).equals(database)).toBe(true)
    }
  })

  test('a damaged pack is named with the backups that it hurts, by their labels', async () => {
    const { options, care, stock } = await place('hurt')
    const store = new VaultStore(options)
    const save = async (sequence: number): Promise<string> => {
      const heading = syntheticHeading(shop, sequence)
      await store.save(syntheticSnapshot(heading, { database: syntheticBytes(30_000, `${sequence}`) }), testJob())
      return heading.id
    }
    const packs = async (): Promise<string[]> =>
      (await readdir(join(stock.folder, 'data'), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    await save(1)
    const before = await packs()
    const second = await save(2)
    for (const pack of (await packs()).filter((one) => !before.includes(one))) {
      const bytes = await readFile(pack)
      await rm(pack)
      await writeFile(
        pack,
        bytes.map((byte, at) => (at === 30 ? byte ^ 1 : byte)),
      )
    }
    const { problems } = await care.check('everything', testJob())
    expect(problems.length).toBeGreaterThan(0)
    const named = problems.flatMap(({ hurts }) => hurts.map((one) => (one.kind === 'backup' ? one.id : one.snapshot)))
    expect(new Set(named).size).toBe(1)
    expect(named.every((one) => one === second || one.length === 64)).toBe(true)
  })

  test('keys open both ways', async () => {
    const { options, care, stock } = await place('keys')
    await new VaultStore(options).save(
      syntheticSnapshot(syntheticHeading(shop, 1), { database: syntheticBytes(9000, 'k') }),
      testJob(),
    )
    const second = await care.addKey('written on paper', 'phrase', testJob())
    const byPaper = { ...stock, password: 'written on paper' }
    const listed = (await resticJson(byPaper, ['key', 'list', '--json'])) as { current: boolean; id: string }[]
    expect(listed.find(({ current }) => current)?.id).toBe(second.slice(0, 8))

    await writeFile(folder.join('new password'), 'by restic')
    await restic(stock, ['key', 'add', '--new-password-file', folder.join('new password')])
    const theirs = new VaultCare({ ...options, passwords: ['by restic'] })
    expect((await theirs.keys()).filter((key) => key.kind === 'key')).toHaveLength(3)
    expect((await theirs.check('structure', testJob())).problems).toEqual([])

    await care.changeKey('changed', 'random', testJob())
    expect((await tryRestic(stock, ['snapshots'])).exitCode).not.toBe(0)
    await restic({ ...stock, password: 'changed' }, ['check', '--read-data'])
    await theirs.removeKey(second, testJob())
    expect((await tryRestic(byPaper, ['snapshots'])).exitCode).not.toBe(0)
  })

  test('a repository of format 1 is checked, and nothing else', async () => {
    const { options, care, stock } = await place('format 1')
    await restic(stock, ['init', '--repository-version', '1'])
    await restic(stock, ['backup', '.'], { cwd: await files('old', { a: randomBytes(200_000) }) })
    expect((await care.check('everything', testJob())).problems).toEqual([])
    const readOnly = expect.objectContaining({ code: 'vault.read-only' })
    await expect(care.prune({}, testJob())).rejects.toEqual(readOnly)
    await expect(care.repair({ reading: 'headers', forgetLost: false }, testJob())).rejects.toEqual(readOnly)
    const snapshot = syntheticSnapshot(syntheticHeading(shop, 1), { database: syntheticBytes(9, 'x') })
    await expect(new VaultStore(options).save(snapshot, testJob())).rejects.toEqual(readOnly)
    await restic(stock, ['check', '--read-data'])
  })
})
