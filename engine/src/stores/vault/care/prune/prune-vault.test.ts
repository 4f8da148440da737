import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DyingDestination, damages, type RigFiles, rigWorkers, VaultRig } from '../../../../../../tools/vault-rig.ts'
import { testJob } from '../../../../testing/test-job.ts'
import { blobIdOf } from '../../format/blob-id.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import { checkVault } from '../check/check-vault.ts'
import { planPrune } from './prune-plan.ts'
import { PRUNE_DEFAULTS, type PruneFigures, type PruneOptions, pruneVault } from './prune-vault.ts'

let workers: VaultWorkers
beforeAll(() => {
  workers = rigWorkers()
})
afterAll(async () => await workers[Symbol.asyncDispose]())

const ALL: PruneOptions = { ...PRUNE_DEFAULTS, maxUnusedShare: 0, mostRemovedShare: 1 }
const held = { requireHeld: async () => undefined }

async function prune(rig: VaultRig, options: Partial<PruneOptions> = {}, at = rig.repository): Promise<PruneFigures> {
  return await pruneVault(at, workers, { ...ALL, ...options }, held, testJob())
}

const text = (seed: string, bytes: number): string =>
  Array.from({ length: bytes }, (_, at) => `${seed}${at} `)
    .join('')
    .slice(0, bytes)
const KEPT: RigFiles = { a: text('a', 700), 'images/shared': text('s', 300) }
const GOING: RigFiles = { a: text('other', 900), 'images/shared': text('s', 300), 'images/only': text('o', 200) }

/** A vault where one snapshot has gone: some packs are unused, some in part, some blobs lie twice. */
async function worn(): Promise<{ rig: VaultRig; kept: Map<string, RigFiles> }> {
  const rig = new VaultRig()
  const going = await rig.save(GOING)
  const kept = new Map([[await rig.save(KEPT), KEPT]])
  kept.set(await rig.save({ b: text('a', 700) }, { again: true }), { b: text('a', 700) })
  await rig.forget(going)
  return { rig, kept }
}

async function expectKept(rig: VaultRig, kept: ReadonlyMap<string, RigFiles>): Promise<void> {
  for (const [snapshot, files] of kept) {
    expect(await rig.filesOf(snapshot)).toEqual(files)
  }
}

/** Whole, each blob once, and nothing that no snapshot needs. */
async function expectNothingLeftOver(rig: VaultRig): Promise<void> {
  const report = await checkVault(rig.place, rig.repository, workers, 'everything', testJob())
  expect({ problems: report.problems, notes: report.notes }).toEqual({ problems: [], notes: [] })
  const before = [...rig.destination.objects.keys()].sort()
  const { packs, blobs, bytes } = await prune(rig)
  expect({ ...packs, kept: 0 }).toEqual({ kept: 0, repacked: 0, removed: 0 })
  expect(blobs.removed + bytes.unused).toBe(0)
  expect([...rig.destination.objects.keys()].sort()).toEqual(before)
}

describe('a prune', () => {
  test('leaves a vault alone in which everything is needed', async () => {
    const rig = new VaultRig()
    await rig.save(GOING)
    await rig.save(KEPT)
    const before = [...rig.destination.objects.keys()]
    await prune(rig, { joinSmall: false })
    expect([...rig.destination.objects.keys()]).toEqual(before)
  })

  test('removes what no snapshot needs, and nothing else', async () => {
    const { rig, kept } = await worn()
    const { packs, blobs } = await prune(rig)
    expect(packs.removed).toBeGreaterThan(0)
    expect(packs.repacked).toBeGreaterThan(0)
    expect(blobs.removed).toBeGreaterThan(0)
    await expectKept(rig, kept)
    await expectNothingLeftOver(rig)
  })

  test('leaves waste below its limit where it is', async () => {
    const { rig, kept } = await worn()
    const { packs, bytes } = await prune(rig, { maxUnusedShare: 1, joinSmall: false })
    expect(packs.repacked).toBe(0)
    expect(bytes.unused).toBeGreaterThan(0)
    await expectKept(rig, kept)
  })

  test('joins small packs and small indexes once there are several', async () => {
    const rig = new VaultRig()
    const kept = new Map<string, RigFiles>()
    for (let day = 0; day < 9; day += 1) {
      const files = { a: text(`day ${day}`, 300) }
      kept.set(await rig.save(files), files)
    }
    const before = rig.keys('data').length
    await prune(rig)
    expect(rig.keys('data').length).toBeLessThan(before / 4)
    await expectKept(rig, kept)
    await prune(rig)
    expect(rig.keys('index').length).toBeLessThan(9)
    await expectNothingLeftOver(rig)
  })

  test('removes packs that no index names', async () => {
    const { rig, kept } = await worn()
    const indexes = rig.keys('index')
    const left = await rig.save({ left: text('left', 500) })
    await rig.forget(left)
    for (const key of rig.keys('index').filter((one) => !indexes.includes(one))) {
      rig.destination.objects.delete(key)
    }
    await prune(rig)
    await expectKept(rig, kept)
    await expectNothingLeftOver(rig)
  })

  test('cut at any call, loses nothing, and the next one finishes', { timeout: 300_000 }, async () => {
    let ended = false
    let calls = 1
    for (; !ended; calls += 1) {
      const { rig, kept } = await worn()
      const dying = new DyingDestination(rig.destination, calls)
      ended = await prune(rig, {}, rig.repositoryOn(dying)).then(
        () => true,
        () => false,
      )
      await expectKept(rig, kept)
      await prune(rig)
      await expectKept(rig, kept)
      await expectNothingLeftOver(rig)
    }
    expect(calls).toBeGreaterThan(50)
  })
})

describe('nothing is removed', () => {
  async function expectRefused(rig: VaultRig, code: string, options: Partial<PruneOptions> = {}): Promise<void> {
    const before = [...rig.destination.objects.keys()]
    await expect(prune(rig, options)).rejects.toMatchObject({ code })
    expect(before.filter((key) => !rig.destination.objects.has(key))).toEqual([])
  }

  test.each(['index', 'snapshots'])('when a file of %s cannot be read', async (folder) => {
    for (const damage of Object.values(damages)) {
      const { rig } = await worn()
      for (const key of rig.keys(folder)) {
        const original = rig.destination.objects.get(key) ?? new Uint8Array()
        rig.damage(key, damage)
        await expectRefused(rig, 'vault.damaged')
        rig.destination.objects.set(key, original)
      }
    }
  })

  test('when a pack that is needed is cut, lengthened or missing', async () => {
    const { rig } = await worn()
    let refused = 0
    for (const key of rig.keys('data')) {
      const { problems } = await withDamage(rig, key, async () =>
        checkVault(rig.place, rig.repository, workers, 'structure', testJob()),
      )
      if (problems.some(({ hurts }) => hurts.length > 0)) {
        refused += 1
        await withDamage(rig, key, async () => await expectRefused(rig, 'vault.damaged'))
      }
    }
    expect(refused).toBeGreaterThan(0)
  })

  test('when a blob that would be written anew, or that would be kept here and given up there, is rotten', async () => {
    const { rig, kept } = await worn()
    const whole = new Map(rig.destination.objects)
    const seen = new Set<string>()
    for (const key of rig.keys('data')) {
      for (let at = 20; at < (whole.get(key)?.byteLength ?? 0); at += 90) {
        rig.damage(key, (bytes) => {
          bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
          return bytes
        })
        const couldBeRead = await isWhole(rig, kept)
        const outcome = await prune(rig).then(
          () => 'pruned',
          () => 'refused',
        )
        seen.add(`${couldBeRead} ${outcome} ${await isWhole(rig, kept)}`)
        rig.destination.objects.clear()
        whole.forEach((bytes, name) => {
          rig.destination.objects.set(name, bytes)
        })
      }
    }
    seen.delete('false pruned false') // rot in what is kept as it is, which nobody has read
    expect([...seen].sort()).toEqual(['false refused false', 'true pruned true', 'true refused true'])
  })

  test('when a blob lies in two packs, and is rotten in the one that would be kept', async () => {
    const outcomes: string[] = []
    for (const place of [0, 1]) {
      const rig = new VaultRig()
      const kept = new Map([[await rig.save(KEPT), KEPT]])
      await rig.save(KEPT, { again: true })
      const index = await rig.repository.loadIndex()
      const id = blobIdOf(Buffer.from((KEPT['a'] ?? '').slice(0, 64)))
      const { pack, blob } = [...index.places('data', id)][place] ?? expect.unreachable()
      rig.damage(rig.repository.files.keyOf('data', pack), (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(blob.offset + 20) ^ 1, blob.offset + 20)
        return bytes
      })
      outcomes.push(
        await prune(rig, { joinSmall: false }).then(
          () => 'pruned',
          ({ code }) => code,
        ),
      )
      await expectKept(rig, kept)
    }
    expect(outcomes.sort()).toEqual(['pruned', 'vault.damaged'])
  })

  test('when no snapshot is listed', async () => {
    const { rig } = await worn()
    for (const key of rig.keys('snapshots')) {
      rig.destination.objects.delete(key)
    }
    await expectRefused(rig, 'vault.damaged')
  })

  test('when no pack is listed', async () => {
    const { rig } = await worn()
    for (const key of rig.keys('data')) {
      rig.destination.objects.delete(key)
    }
    await expectRefused(rig, 'vault.damaged')
  })

  test.each([
    ['in capitals', (name: string) => name.toUpperCase()],
    ['cut', (name: string) => name.slice(0, 8)],
    ['with an ending', (name: string) => `${name}.bin`],
  ])('when a snapshot has its name %s', async (_, rename) => {
    const { rig } = await worn()
    const [key = ''] = rig.keys('snapshots')
    const bytes = rig.destination.objects.get(key) ?? new Uint8Array()
    rig.destination.objects.delete(key)
    rig.destination.objects.set(`main/Vault/snapshots/${rename(key.slice(-64))}`, bytes)
    await expectRefused(rig, 'vault.damaged')
  })

  test('when most of the vault would go, until a person says so', async () => {
    const rig = new VaultRig()
    const large = await rig.save({ a: text('large', 9000) })
    await rig.save({ a: 'small' })
    await rig.forget(large)
    await expectRefused(rig, 'confirmation.needed', { mostRemovedShare: 0.5 })
    await prune(rig, { mostRemovedShare: 1 })
    await expectNothingLeftOver(rig)
  })

  test('in a vault of format 1', async () => {
    const rig = new VaultRig(1)
    await rig.forget(await rig.save(GOING))
    await rig.save(KEPT)
    await expectRefused(rig, 'vault.read-only')
  })

  test('when the lock is lost', async () => {
    const { rig, kept } = await worn()
    const lost = { requireHeld: async () => await Promise.reject(new Error('lost')) }
    const before = [...rig.destination.objects.keys()]
    await expect(pruneVault(rig.repository, workers, ALL, lost, testJob())).rejects.toThrow('lost')
    expect(before.filter((key) => !rig.destination.objects.has(key))).toEqual([])
    await expectKept(rig, kept)
  })
})

async function withDamage<T>(rig: VaultRig, key: string, work: () => Promise<T>): Promise<T> {
  const original = rig.destination.objects.get(key) ?? new Uint8Array()
  rig.damage(key, damages['cut'] ?? ((bytes) => bytes))
  try {
    return await work()
  } finally {
    rig.destination.objects.set(key, original)
  }
}

async function isWhole(rig: VaultRig, kept: ReadonlyMap<string, RigFiles>): Promise<boolean> {
  try {
    await expectKept(rig, kept)
    return true
  } catch {
    return false
  }
}

describe('the plan of a prune', () => {
  const MIB = 1024 * 1024
  const pack = (id: string, usedBytes: number, unusedBytes: number) =>
    ({ id, kind: 'data', bytes: usedBytes + unusedBytes, usedBytes, unusedBytes }) as const
  const fates = (...planned: Parameters<typeof planPrune>): string[] => planPrune(...planned).map(({ fate }) => fate)

  test('writes the packs with the largest share of waste anew, until the rest is little enough', () => {
    const packs = [pack('a', 9 * MIB, 0), pack('b', 8 * MIB, MIB), pack('c', MIB, 8 * MIB), pack('d', 0, 9 * MIB)]
    expect(fates(packs, { maxUnusedShare: 0.1, joinSmall: false })).toEqual(['keep', 'keep', 'repack', 'remove'])
    expect(fates(packs, { maxUnusedShare: 0, joinSmall: false })).toEqual(['keep', 'repack', 'repack', 'remove'])
    expect(fates(packs, { maxUnusedShare: 1, joinSmall: false })).toEqual(['keep', 'keep', 'keep', 'remove'])
  })

  test('joins small packs of one kind only when there are four', () => {
    const small = ['a', 'b', 'c', 'd'].map((id) => pack(id, MIB, 0))
    expect(fates(small, { maxUnusedShare: 0, joinSmall: true })).toEqual(['repack', 'repack', 'repack', 'repack'])
    expect(fates(small.slice(1), { maxUnusedShare: 0, joinSmall: true })).toEqual(['keep', 'keep', 'keep'])
    expect(fates(small, { maxUnusedShare: 0, joinSmall: false })).toEqual(['keep', 'keep', 'keep', 'keep'])
  })
})
