import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { damages, rigWorkers, VaultRig } from '../../../../../../tools/vault-rig.ts'
import { testJob } from '../../../../testing/test-job.ts'
import { blobIdOf } from '../../format/blob-id.ts'
import { encodeKeyFile } from '../../format/key-file.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import { checkVault } from './check-vault.ts'
import { choosePacks } from './choose-packs.ts'
import type { VaultReading, VaultReport } from './vault-report.ts'

let workers: VaultWorkers
beforeAll(() => {
  workers = rigWorkers()
})
afterAll(async () => await workers[Symbol.asyncDispose]())

async function check(rig: VaultRig, reading: VaultReading = 'everything'): Promise<VaultReport> {
  return await checkVault(rig.place, rig.repository, workers, reading, testJob())
}

const text = (seed: string, bytes: number): string =>
  Array.from({ length: bytes }, (_, at) => `${seed}${at} `)
    .join('')
    .slice(0, bytes)

async function twoSnapshots(): Promise<{ rig: VaultRig; first: string; second: string }> {
  const rig = new VaultRig()
  const first = await rig.save({ 'database.db': text('a', 1000), 'images/1': text('b', 300), 'images/2': '' })
  const second = await rig.save({ 'database.db': text('c', 700), 'images/1': text('b', 300) })
  return { rig, first, second }
}

describe('a check of a vault', () => {
  test.each(['structure', 'everything'] as const)('has nothing to say about a whole one: %s', async (reading) => {
    const { rig } = await twoSnapshots()
    const { problems, notes, snapshots, packs, packsRead, bytes, bytesRead } = await check(rig, reading)
    expect({ problems, notes, snapshots }).toEqual({ problems: [], notes: [], snapshots: 2 })
    expect(packs).toBe(rig.keys('data').length)
    expect({ packsRead, bytesRead }).toEqual(
      reading === 'everything' ? { packsRead: packs, bytesRead: bytes } : { packsRead: 0, bytesRead: 0 },
    )
  })

  test.each(Object.entries(damages))('names every file that is %s', async (_, damage) => {
    const { rig } = await twoSnapshots()
    for (const folder of ['data', 'index', 'snapshots']) {
      for (const key of rig.keys(folder)) {
        const original = rig.destination.objects.get(key) ?? new Uint8Array()
        rig.damage(key, damage)
        expect(
          (await check(rig)).problems.map(({ file }) => file),
          key,
        ).toContain(key)
        rig.destination.objects.set(key, original)
      }
    }
    expect((await check(rig)).problems).toEqual([])
  })

  test('sees without reading that a pack is cut, lengthened or missing, and whom that hurts', async () => {
    const { rig, first, second } = await twoSnapshots()
    const hurtBy = new Set<string>()
    for (const key of rig.keys('data')) {
      const original = rig.destination.objects.get(key) ?? new Uint8Array()
      for (const damage of [damages['cut'], damages['lengthened'], undefined]) {
        if (damage === undefined) {
          rig.destination.objects.delete(key)
        } else {
          rig.damage(key, damage)
        }
        const { problems } = await check(rig, 'structure')
        expect(problems.map(({ file }) => file)).toContain(key)
        hurtBy.add(
          `${problems
            .find(({ file }) => file === key)
            ?.hurts.map(({ snapshot }) => snapshot)
            .sort()}`,
        )
        rig.destination.objects.set(key, original)
      }
    }
    expect([...hurtBy].sort()).toEqual([first, second, [first, second].sort().join()].sort())
  })

  test('names a key of another vault that opens with the same password, since restic may believe it', async () => {
    const { rig } = await twoSnapshots()
    const { repository } = rig
    const maker = { hostname: 'till', username: 'ann' }
    const place = { ...rig.place, passwords: ['the same'] }
    const ours = await encodeKeyFile(repository.key, 'the same', 'random', maker, 0)
    await repository.files.write('keys', ours)
    expect((await checkVault(place, repository, workers, 'structure', testJob())).problems).toEqual([])
    const other = await encodeKeyFile({ ...repository.key, macK: Buffer.alloc(16, 9) }, 'the same', 'random', maker, 0)
    const name = await repository.files.write('keys', other)
    const { problems } = await checkVault(place, repository, workers, 'structure', testJob())
    expect(problems).toEqual([
      {
        file: `main/Vault/keys/${name}`,
        problem: 'it is the key of another vault, and opens with the same password: restic may not open this one',
        hurts: [],
      },
    ])
  })

  test('hurts only the snapshots that need what is damaged', async () => {
    const { rig, second } = await twoSnapshots()
    const index = await rig.repository.loadIndex()
    const { tree } = await rig.repository.readSnapshot(second)
    const { pack, blob } = index.find('tree', Buffer.from(tree, 'hex')) ?? expect.unreachable()
    rig.damage(rig.repository.files.keyOf('data', pack), (bytes) => {
      bytes.writeUInt8(bytes.readUInt8(blob.offset + 20) ^ 1, blob.offset + 20)
      return bytes
    })
    const { problems } = await check(rig)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.hurts.map(({ snapshot }) => snapshot)).toEqual([second])
    expect(problems[0]?.problem).toMatch(/; 1 of its \d blobs are damaged/)
  })

  test('hurts nobody when what is damaged lies whole elsewhere', async () => {
    const { rig } = await twoSnapshots()
    await rig.save({ 'database.db': text('a', 1000), 'images/1': text('b', 300), 'images/2': '' }, { again: true })
    const index = await rig.repository.loadIndex()
    const id = blobIdOf(Buffer.from(text('a', 1000).slice(0, 64)))
    expect([...index.places('data', id)]).toHaveLength(2)
    for (const { pack, blob } of index.places('data', id)) {
      const key = rig.repository.files.keyOf('data', pack)
      const whole = rig.destination.objects.get(key) ?? new Uint8Array()
      rig.damage(key, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(blob.offset + 20) ^ 1, blob.offset + 20)
        return bytes
      })
      expect((await check(rig)).problems).toEqual([{ file: key, problem: expect.any(String), hurts: [] }])
      rig.destination.objects.set(key, whole)
    }
  })

  test('names a folder whose blobs no index knows', async () => {
    const { rig, first, second } = await twoSnapshots()
    for (const key of rig.keys('index')) {
      rig.destination.objects.delete(key)
    }
    const { problems } = await check(rig)
    expect(problems.flatMap(({ hurts }) => hurts.map(({ snapshot }) => snapshot)).sort()).toEqual(
      [first, second].sort(),
    )
  })

  test('holds a wrong size against a backup of ours, and notes it of another program', async () => {
    const rig = new VaultRig()
    await rig.save({ file: text('x', 100) }, { bytes: 99 })
    const others = await check(rig)
    expect(others.problems).toEqual([])
    expect(others.notes).toEqual(['file has 100 bytes in its blobs, not 99'])
    await rig.save({ file: text('x', 100) }, { bytes: 99, tags: ['tillsafe'] })
    expect((await check(rig)).problems).toHaveLength(1)
  })

  test('notes packs that an interrupted backup has left', async () => {
    const { rig } = await twoSnapshots()
    await rig.save({ new: text('new', 300) })
    const [last] = rig.keys('snapshots')
    rig.destination.objects.delete(last ?? '')
    for (const key of rig.keys('index').slice(0, 1)) {
      rig.destination.objects.delete(key)
    }
    expect((await check(rig, 'structure')).notes.join()).toMatch(/packs? are in no index/)
  })
})

describe('a share of the packs', () => {
  const packs = Array.from({ length: 500 }, (_, at) => ({
    id: `${(at * 2654435761) % 2 ** 32}`.padStart(64, '0'),
    bytes: 1000 + at,
  }))
  const hexed = packs.map(({ id, bytes }) => ({ id: Number(id).toString(16).padStart(8, '0').padEnd(64, '0'), bytes }))
  const sum = (chosen: readonly { bytes: number }[]): number => chosen.reduce((all, { bytes }) => all + bytes, 0)

  test('has at least so many bytes, and follows from its seed', () => {
    for (const percent of [0, 1, 10, 50, 100]) {
      const chosen = choosePacks(hexed, { percent, seed: 'a' })
      expect(sum(chosen)).toBeGreaterThanOrEqual((sum(hexed) * percent) / 100)
      expect(sum(chosen)).toBeLessThan((sum(hexed) * percent) / 100 + 1500)
      expect(choosePacks(hexed, { percent, seed: 'a' })).toEqual(chosen)
    }
    expect(choosePacks(hexed, { percent: 10, seed: 'b' })).not.toEqual(choosePacks(hexed, { percent: 10, seed: 'a' }))
  })

  test('is everything when all parts are taken together, each pack once', () => {
    const parts = Array.from({ length: 30 }, (_, at) => choosePacks(hexed, { part: at + 1, of: 30 }))
    expect(
      parts
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(hexed.map(({ id }) => id).sort())
  })
})
