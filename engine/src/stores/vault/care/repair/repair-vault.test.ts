import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DyingDestination, damages, type RigFiles, rigWorkers, VaultRig } from '../../../../../../tools/vault-rig.ts'
import type { Destination } from '../../../../destinations/destination.ts'
import { TillsafeError } from '../../../../model/index.ts'
import type { Range } from '../../../../snapshot/content.ts'
import { testJob } from '../../../../testing/test-job.ts'
import { blobIdOf } from '../../format/blob-id.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import { checkVault } from '../check/check-vault.ts'
import { type RepairOptions, type RepairReport, repairVault } from './repair-vault.ts'

let workers: VaultWorkers
beforeAll(() => {
  workers = rigWorkers()
})
afterAll(async () => await workers[Symbol.asyncDispose]())

const held = { requireHeld: async () => undefined }

async function repair(rig: VaultRig, options: Partial<RepairOptions> = {}, at = rig.repository): Promise<RepairReport> {
  return await repairVault(
    rig.place,
    at,
    workers,
    { reading: 'everything', forgetLost: false, ...options },
    held,
    testJob(),
  )
}

const text = (seed: string, bytes: number): string =>
  Array.from({ length: bytes }, (_, at) => `${seed}${at} `)
    .join('')
    .slice(0, bytes)
const FIRST: RigFiles = { a: text('a', 700), 'images/shared': text('s', 300) }
const SECOND: RigFiles = { a: text('second', 600), 'images/shared': text('s', 300), 'images/only': text('o', 200) }

async function twoSnapshots(): Promise<{ rig: VaultRig; kept: Map<string, RigFiles> }> {
  const rig = new VaultRig()
  return {
    rig,
    kept: new Map([
      [await rig.save(FIRST), FIRST],
      [await rig.save(SECOND), SECOND],
    ]),
  }
}

async function expectKept(rig: VaultRig, kept: ReadonlyMap<string, RigFiles>): Promise<void> {
  for (const [snapshot, files] of kept) {
    expect(await rig.filesOf(snapshot)).toEqual(files)
  }
}

async function problemsOf(rig: VaultRig): Promise<readonly string[]> {
  return (await checkVault(rig.place, rig.repository, workers, 'everything', testJob())).problems.map(
    ({ file }) => file,
  )
}

describe('a repair', () => {
  test.each(['headers', 'everything'] as const)('changes nothing in a whole vault: %s', async (reading) => {
    const { rig } = await twoSnapshots()
    const before = [...rig.destination.objects.keys()]
    expect(await repair(rig, { reading })).toMatchObject({
      isIndexNew: false,
      damagedPacks: [],
      lost: [],
      forgotten: [],
    })
    expect([...rig.destination.objects.keys()]).toEqual(before)
  })

  test.each([...Object.entries(damages), ['lost', undefined] as const])(
    'makes a new index when one is %s',
    async (_, damage) => {
      const { rig, kept } = await twoSnapshots()
      for (const key of rig.keys('index')) {
        if (damage === undefined) {
          rig.destination.objects.delete(key)
        } else {
          rig.damage(key, damage)
        }
      }
      expect(await repair(rig, { reading: 'headers' })).toMatchObject({ isIndexNew: true, lost: [] })
      await expectKept(rig, kept)
      expect(await problemsOf(rig)).toEqual([])
    },
  )

  test('takes packs into the index that an interrupted backup has left', async () => {
    const { rig, kept } = await twoSnapshots()
    const [index = ''] = rig.keys('index')
    rig.destination.objects.delete(index)
    await repair(rig, { reading: 'headers' })
    await expectKept(rig, kept)
  })

  test.each(['cut', 'lengthened', 'flipped'] as const)('saves what is whole of a pack that is %s', async (how) => {
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const { rig, kept } = await twoSnapshots()
      const key = rig.keys('data')[at] ?? ''
      rig.damage(key, damages[how] ?? expect.unreachable())
      const readable = await readableFiles(rig, kept)
      const { damagedPacks, lost } = await repair(rig)
      expect(damagedPacks.map(({ id }) => `main/Vault/data/${id.slice(0, 2)}/${id}`)).toEqual([key])
      expect(await readableFiles(rig, kept)).toEqual(readable)
      expect(lost.map(({ backup }) => backup.snapshot).sort()).toEqual(
        [...kept.keys()].filter((one) => !readable.includes(one)).sort(),
      )
      expect((await problemsOf(rig)).length > 0).toBe(lost.length > 0)
      expect((await repair(rig)).isIndexNew).toBe(false)
    }
  })

  test('keeps what is in the index of a pack that the disk does not give out now', async () => {
    const { rig, kept } = await twoSnapshots()
    const [refused = ''] = rig.keys('data')
    rig.destination.objects.delete(rig.keys('index')[0] ?? '')
    await repair(rig)
    const flaky = new Flaky(rig.destination, refused)
    const { damagedPacks } = await repair(rig, {}, rig.repositoryOn(flaky))
    expect(damagedPacks.map(({ mayGo }) => mayGo)).toEqual([false])
    await expectKept(rig, kept)
  })

  test('names the files that are lost, and forgets only snapshots that cannot be opened at all', async () => {
    const { rig, kept } = await twoSnapshots()
    const [first = '', second = ''] = kept.keys()
    const index = await rig.repository.loadIndex()
    const { tree } = await rig.repository.readSnapshot(first)
    const root = index.find('tree', Buffer.from(tree, 'hex')) ?? expect.unreachable()
    flip(rig, root.pack, root.blob.offset)
    const last = SECOND['images/only'] ?? ''
    const blob = index.find('data', blobIdOf(Buffer.from(last.slice(0, 64)))) ?? expect.unreachable()
    flip(rig, blob.pack, blob.blob.offset)
    const report = await repair(rig, { forgetLost: true })
    const lost = new Map(report.lost.map(({ backup, opens, first: paths }) => [backup.snapshot, { opens, paths }]))
    expect(lost).toEqual(
      new Map([
        [first, { opens: false, paths: ['/'] }],
        [second, { opens: true, paths: ['/images/only'] }],
      ]),
    )
    expect(report.forgotten).toEqual([first])
    expect(rig.keys('snapshots')).toEqual([`main/Vault/snapshots/${second}`])
  })

  test('forgets nothing while the disk does not give out a pack', async () => {
    const { rig, kept } = await twoSnapshots()
    const index = await rig.repository.loadIndex()
    for (const [snapshot] of kept) {
      const { tree } = await rig.repository.readSnapshot(snapshot)
      const { pack } = index.find('tree', Buffer.from(tree, 'hex')) ?? expect.unreachable()
      for (const key of rig.keys('index')) {
        rig.destination.objects.delete(key)
      }
      const flaky = new Flaky(rig.destination, rig.repository.files.keyOf('data', pack))
      const report = await repair(rig, { forgetLost: true }, rig.repositoryOn(flaky))
      expect(report.lost.filter(({ opens }) => !opens).map(({ backup }) => backup.snapshot)).toEqual([snapshot])
      expect(report.forgotten).toEqual([])
      await repair(rig)
      await expectKept(rig, kept)
    }
  })

  test('refuses when no pack is listed, and in a vault of format 1', async () => {
    const { rig } = await twoSnapshots()
    const before = rig.keys('index')
    for (const key of rig.keys('data')) {
      rig.destination.objects.delete(key)
    }
    await expect(repair(rig)).rejects.toMatchObject({ code: 'vault.damaged' })
    expect(rig.keys('index')).toEqual(before)
    await expect(repair(new VaultRig(1))).rejects.toMatchObject({ code: 'vault.read-only' })
  })

  test('cut at any call, loses nothing that could be read, and the next one finishes', {
    timeout: 300_000,
  }, async () => {
    let ended = false
    let calls = 1
    for (; !ended; calls += 1) {
      const { rig, kept } = await twoSnapshots()
      rig.damage(rig.keys('data')[2] ?? '', damages['lengthened'] ?? expect.unreachable())
      rig.destination.objects.delete(rig.keys('index')[0] ?? '')
      rig.destination.objects.set(`main/Vault/index/${'1'.repeat(64)}`, Buffer.from('damaged'))
      const twin = await twinOf(rig)
      await repair(twin)
      const savedByOne = await readableFiles(twin, kept)
      const dying = new DyingDestination(rig.destination, calls)
      ended = await repair(rig, {}, rig.repositoryOn(dying)).then(
        () => true,
        () => false,
      )
      await repair(rig)
      expect(await readableFiles(rig, kept)).toEqual(savedByOne)
      expect((await repair(rig)).isIndexNew).toBe(false)
    }
    expect(calls).toBeGreaterThan(50)
  })
})

/** A disk that does not give out one object. */
class Flaky extends DyingDestination {
  readonly #refused: string

  constructor(inner: Destination, refused: string) {
    super(inner, Number.POSITIVE_INFINITY)
    this.#refused = refused
  }

  override async read(key: string, range?: Range): Promise<AsyncIterable<Uint8Array>> {
    if (key === this.#refused) {
      throw new TillsafeError('destination.failed', 'the disk has a bad place')
    }
    return await super.read(key, range)
  }
}

async function readableFiles(rig: VaultRig, kept: ReadonlyMap<string, RigFiles>): Promise<string[]> {
  const readable: string[] = []
  for (const [snapshot, files] of kept) {
    const found = await rig.filesOf(snapshot).catch(() => undefined)
    if (found !== undefined) {
      expect(found).toEqual(files)
      readable.push(snapshot)
    }
  }
  return readable
}

async function twinOf(rig: VaultRig): Promise<VaultRig> {
  const twin = new VaultRig()
  rig.destination.objects.forEach((bytes, key) => {
    twin.destination.objects.set(key, bytes)
  })
  return twin
}

function flip(rig: VaultRig, pack: string, offset: number): void {
  rig.damage(rig.repository.files.keyOf('data', pack), (bytes) => {
    bytes.writeUInt8(bytes.readUInt8(offset + 20) ^ 1, offset + 20)
    return bytes
  })
}
