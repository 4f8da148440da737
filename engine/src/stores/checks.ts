import assert from 'node:assert/strict'
import type { Destination, Key } from '../destinations/destination.ts'
import { type Id, type StoredBackup, TillsafeError } from '../model/index.ts'
import { bytesContent, readAll } from '../snapshot/bytes-content.ts'
import type { Content } from '../snapshot/content.ts'
import type { Entry } from '../snapshot/entry.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Check } from '../testing/check.ts'
import { collect } from '../testing/collect.ts'
import {
  entriesOf,
  type SyntheticFiles,
  type SyntheticShop,
  syntheticBytes,
  syntheticFacts,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../testing/synthetic-snapshot.ts'
import { testJob } from '../testing/test-job.ts'
import type { Store } from './store.ts'

/** A store to be checked, and the empty destination that it keeps its backups in. */
export interface StoreBench {
  readonly destination: Destination
  /** The store of a shop's workspace `main`. Called for several shops, they share the destination. */
  storeOf(shop: SyntheticShop): Store
  /**
   * Takes out of the destination what belongs to no backup, for stores that do so from time to time: they keep blobs which the
   * next save may use.
   */
  prune?(store: Store): Promise<void>
}

const MIB = 1024 * 1024
const small: SyntheticFiles = {
  database: syntheticBytes(20_000, 'small database'),
  images: {
    'images/a.jpg': syntheticBytes(3000, 'a'),
    'images/b/Crème brûlée.PNG': syntheticBytes(500, 'b'),
    'images/empty': new Uint8Array(),
  },
}

/** What every store promises. Each check works on an empty destination. */
export const storeChecks: readonly Check<StoreBench>[] = [
  ...[0, 1, 4095, 4096, 4097, 3 * MIB + 1].map((bytes) =>
    check(`gives back a database of ${bytes} bytes`, async ({ store, shop }) => {
      await savedComesBack(store, shop, 1, { database: syntheticBytes(bytes, 'database') })
    }),
  ),
  check('gives back images of every size, equal ones and large ones too', async ({ store, shop }) => {
    const twin = syntheticBytes(70_000, 'twin')
    await savedComesBack(store, shop, 1, {
      database: syntheticBytes(5000, 'database'),
      images: {
        'images/zero.jpg': new Uint8Array(),
        'images/one.jpg': syntheticBytes(1, 'one'),
        'images/a/b/c/deep.png': syntheticBytes(MIB, 'deep'),
        'images/a/b/c/Œuf à la coque (2).webp': syntheticBytes(4097, 'accent'),
        'images/twin 1.jpg': twin,
        'images/twin 2.jpg': twin,
        'images/twin.gif': twin,
        'images/no extension': syntheticBytes(99, 'none'),
        'images/large.tiff': syntheticBytes(17 * MIB, 'large'),
      },
    })
  }),
  check('gives back heading and facts', async ({ store, shop }) => {
    const heading = syntheticHeading(shop, 3, { tiers: ['daily', 'monthly'], trigger: 'startup', origin: 'automatic' })
    const facts = { ...syntheticFacts(small.database), applicationVersion: '2.1', fiscalPeriod: { from: 'a', to: 'b' } }
    await store.save(syntheticSnapshot(heading, small, { facts: async () => facts }), testJob())
    await using opened = await store.open(heading.id, testJob())
    assert.deepEqual(opened.heading, heading)
    assert.deepEqual(await opened.facts(), facts)
  }),
  check('reads any part of an entry', async ({ store, shop }) => {
    const { label } = await save(store, shop, 1)
    await using opened = await store.open(label.id, testJob())
    const [database] = await collect(opened.entries())
    for (const [start, end] of [
      [0, 0],
      [0, 1],
      [4096, 8192],
      [19_999, 20_000],
    ] as const) {
      const part = await readAll((await database?.open({ start, end })) ?? (await nothing()))
      assert.deepEqual(part, Buffer.from(small.database.subarray(start, end)))
    }
  }),
  check('lists what was saved, and nothing else', async ({ store, shop }) => {
    const saved = [await save(store, shop, 1), await save(store, shop, 2), await save(store, shop, 3)]
    assert.deepEqual(await backupsOf(store), saved)
    assert.equal(saved[0]?.bytes, 23_500)
  }),
  check('keeps two backups of one second', async ({ store, shop }) => {
    const takenAt = '2026-11-21T10:57:00.000Z'
    await Promise.all([save(store, shop, 1, small, { takenAt }), save(store, shop, 2, small, { takenAt })])
    await save(store, shop, 3, small, { takenAt })
    assert.equal((await backupsOf(store)).length, 3)
    for (const sequence of [1, 2, 3]) {
      assert.deepEqual(await store.verify(syntheticHeading(shop, sequence).id, testJob()), [])
    }
  }),
  check('shows a backup only when it is whole', async ({ store, shop }) => {
    const seen: number[] = []
    const look = async (): Promise<void> => void seen.push((await collect(store.list())).length)
    const snapshot = syntheticSnapshot(syntheticHeading(shop, 1), small, {
      entries: () => lookingIn(entriesOf(small), look),
      facts: async () => {
        await look()
        return syntheticFacts(small.database)
      },
    })
    await store.save(snapshot, testJob())
    assert.ok(seen.length > 1 && seen.every((count) => count === 0))
  }),
  ...brokenSnapshots().map(([what, breakIt]) =>
    check(`leaves nothing of a save ${what}`, async ({ store, shop, destination, prune }) => {
      const before = await save(store, shop, 1)
      const room = await roomTaken(destination)
      await assert.rejects(breakIt(store, shop))
      assert.deepEqual(await backupsOf(store), [before])
      await store.sweep()
      assert.deepEqual(await backupsOf(store), [before])
      await prune(store)
      assert.deepEqual(await roomTaken(destination), room)
      assert.deepEqual(await store.verify(before.label.id, testJob()), [])
      await savedComesBack(store, shop, 2, small)
    }),
  ),
  check('notes an image that cannot be read, and saves the rest', async ({ store, shop }) => {
    const snapshot = syntheticSnapshot(syntheticHeading(shop, 1), small, {
      entries: () =>
        spoiling(entriesOf(small), 'images/a.jpg', async () => await Promise.reject(new Error('it is gone'))),
    })
    const { label } = await store.save(snapshot, testJob())
    assert.equal(label.problems.length, 1)
    assert.match(label.problems[0] ?? '', /a\.jpg.*it is gone/)
    await using opened = await store.open(label.id, testJob())
    const paths = (await collect(opened.entries())).filter(({ part }) => part === 'images').map(({ path }) => path)
    assert.deepEqual(paths.toSorted(), ['images/b/Crème brûlée.PNG', 'images/empty'])
    assert.deepEqual(await store.verify(label.id, testJob()), [])
  }),
  check('notices every object that is changed, cut or missing', async ({ store, shop, destination }) => {
    const { label } = await save(store, shop, 1)
    for (const key of await keysOf(destination)) {
      for (const damage of [flipped, cut, lengthened, undefined]) {
        const original = await replace(destination, key, damage)
        if (original !== undefined) {
          assert.notDeepEqual(await verdict(store, label.id), [], `${damage?.name ?? 'removed'} ${key}`)
          await replace(destination, key, () => original)
        }
      }
    }
    assert.deepEqual(await store.verify(label.id, testJob()), [])
  }),
  check(
    'gives the right bytes or an error, whatever is changed, cut or missing',
    async ({ store, shop, destination }) => {
      const { label } = await save(store, shop, 1)
      for (const key of await keysOf(destination)) {
        for (const damage of [flipped, cut, lengthened, undefined]) {
          const original = await replace(destination, key, damage)
          if (original !== undefined) {
            await comesBackOrIsDamaged(store, label.id, `${damage?.name ?? 'removed'} ${key}`)
            await replace(destination, key, () => original)
          }
        }
      }
      await comesBack(store, label.id, small)
    },
  ),
  check('removes a backup, and leaves the others whole', async ({ store, shop }) => {
    const other: SyntheticFiles = {
      database: syntheticBytes(9000, 'other'),
      images: { ...small.images, 'images/c.jpg': syntheticBytes(800, 'c') },
    }
    const saved = [await save(store, shop, 1), await save(store, shop, 2, other), await save(store, shop, 3, other)]
    await store.remove([saved[0]?.label.id ?? '', saved[1]?.label.id ?? ''], testJob())
    assert.deepEqual(await backupsOf(store), [saved[2]])
    await comesBack(store, saved[2]?.label.id ?? '', other)
    await assert.rejects(store.open(saved[0]?.label.id ?? '', testJob()), hasCode('backup.unknown'))
  }),
  check('takes no more room after removing than before saving', async ({ store, shop, destination, prune }) => {
    await save(store, shop, 1)
    const room = await roomTaken(destination)
    const other = { database: syntheticBytes(9000, 'other'), images: { 'images/c.jpg': syntheticBytes(800, 'c') } }
    const { label } = await save(store, shop, 2, other)
    await store.remove([label.id], testJob())
    await prune(store)
    assert.deepEqual(await roomTaken(destination), room)
  }),
  check('does not mind removing what is not there', async ({ store, shop }) => {
    const saved = await save(store, shop, 1)
    await store.remove([syntheticHeading(shop, 9).id], testJob())
    assert.deepEqual(await backupsOf(store), [saved])
  }),
  check('does not know a backup that was never saved', async ({ store, shop }) => {
    await save(store, shop, 1)
    const { id } = syntheticHeading(shop, 9)
    await assert.rejects(store.open(id, testJob()), hasCode('backup.unknown'))
    await assert.rejects(store.verify(id, testJob()), hasCode('backup.unknown'))
  }),
  check('shows backups of another shop as foreign, and does not open, change or remove them', async (bench) => {
    const { store, shop, destination } = bench
    const stranger = syntheticShop('Épicerie du Coin')
    const theirs = bench.storeOf(stranger)
    const { label } = await save(theirs, stranger, 1)
    const own = await save(store, shop, 1)
    const listed = await collect(store.list())
    assert.deepEqual(
      listed.filter(({ kind }) => kind === 'backup'),
      [{ kind: 'backup', backup: own }],
    )
    const [foreign] = listed.filter((one) => one.kind === 'foreign')
    assert.equal(foreign?.shop, 'Épicerie du Coin')
    await assert.rejects(store.open(label.id, testJob()), hasCode('identity.foreign'))
    await store.remove([label.id, own.label.id], testJob())
    await store.sweep()
    assert.deepEqual(await theirs.verify(label.id, testJob()), [])
    assert.ok((await keysOf(destination)).length > 0)
  }),
  check('reports how far it is', async ({ store, shop }) => {
    const job = testJob()
    await store.save(syntheticSnapshot(syntheticHeading(shop, 1), small), job)
    const written = job.reports.filter(({ step }) => step === 'write')
    assert.ok(written.length > 1)
    assert.deepEqual(
      written.map(({ bytes }) => bytes),
      written.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
    )
    assert.ok(job.reports.some(({ step }) => step === 'read-back'))
  }),
]

interface Room extends Required<StoreBench> {
  readonly shop: SyntheticShop
  readonly store: Store
}

function check(name: string, promise: (room: Room) => Promise<void>): Check<StoreBench> {
  return {
    name,
    async run(make) {
      const bench = await make()
      const shop = syntheticShop()
      await promise({
        destination: bench.destination,
        storeOf: (other) => bench.storeOf(other),
        prune: async (store) => await bench.prune?.(store),
        shop,
        store: bench.storeOf(shop),
      })
    },
  }
}

/** Ways in which a save ends early, each tried on a store that has one backup already. */
function brokenSnapshots(): readonly (readonly [string, (store: Store, shop: SyntheticShop) => Promise<unknown>])[] {
  const broken = async (store: Store, shop: SyntheticShop, changes: Partial<Snapshot>): Promise<unknown> =>
    await store.save(syntheticSnapshot(syntheticHeading(shop, 2), small, changes), testJob())
  return [
    [
      'whose database breaks off',
      async (store, shop) =>
        await broken(store, shop, {
          entries: () => spoiling(entriesOf(small), 'database.db', async () => breakingOff(small.database)),
        }),
    ],
    [
      'whose entries break off',
      async (store, shop) => await broken(store, shop, { entries: () => endingEarly(entriesOf(small)) }),
    ],
    [
      'whose facts are refused',
      async (store, shop) =>
        await broken(store, shop, { facts: async () => await Promise.reject(new Error('the copy is not good')) }),
    ],
    [
      'whose facts are of another database',
      async (store, shop) =>
        await broken(store, shop, { facts: async () => syntheticFacts(syntheticBytes(20_000, 'another')) }),
    ],
    ['that is cancelled while it writes', async (store, shop) => await cancelledAt(store, shop, 'write')],
    ['that is cancelled while it reads back', async (store, shop) => await cancelledAt(store, shop, 'read-back')],
    [
      'that was cancelled before it began',
      async (store, shop) => {
        const job = testJob()
        job.cancel()
        await store.save(syntheticSnapshot(syntheticHeading(shop, 2), small), job)
      },
    ],
  ]
}

async function cancelledAt(store: Store, shop: SyntheticShop, step: string): Promise<void> {
  const job = testJob({ onReport: (progress, own) => (progress.step === step ? own.cancel() : undefined) })
  await store.save(syntheticSnapshot(syntheticHeading(shop, 2), small), job).catch((error: unknown) => {
    assert.ok(hasCode('job.cancelled')(error))
    throw error
  })
}

async function save(
  store: Store,
  shop: SyntheticShop,
  sequence: number,
  files: SyntheticFiles = small,
  changes: Parameters<typeof syntheticHeading>[2] = {},
): Promise<StoredBackup> {
  return await store.save(syntheticSnapshot(syntheticHeading(shop, sequence, changes), files), testJob())
}

async function savedComesBack(
  store: Store,
  shop: SyntheticShop,
  sequence: number,
  files: SyntheticFiles,
): Promise<void> {
  const { label } = await save(store, shop, sequence, files)
  assert.deepEqual(label.problems, [])
  assert.deepEqual(await store.verify(label.id, testJob()), [])
  await comesBack(store, label.id, files)
}

async function comesBack(store: Store, id: Id, { database, images = {} }: SyntheticFiles): Promise<void> {
  await using opened = await store.open(id, testJob())
  const found = new Map<string, Entry>()
  for await (const entry of opened.entries()) {
    found.set(`${entry.part} ${entry.part === 'database' ? '' : entry.path}`, entry)
  }
  const expected = new Map([['database ', database]])
  for (const [path, bytes] of Object.entries(images)) {
    expected.set(`images ${path}`, bytes)
  }
  assert.deepEqual([...found.keys()].toSorted(), [...expected.keys()].toSorted())
  for (const [name, bytes] of expected) {
    const entry = found.get(name)
    assert.equal(entry?.bytes, bytes.byteLength)
    assert.ok(Buffer.from(bytes).equals(await readAll(await (entry?.open() ?? nothing()))), name)
  }
}

async function comesBackOrIsDamaged(store: Store, id: Id, what: string): Promise<void> {
  await comesBack(store, id, small).catch((error: unknown) => assert.ok(isDamage(error), `${what}: ${error}`))
}

async function backupsOf(store: Store): Promise<StoredBackup[]> {
  const listed = await collect(store.list())
  return listed.map((one) => {
    assert.equal(one.kind, 'backup')
    return one.backup
  })
}

/** What `verify` says; a refusal counts as a sentence. */
async function verdict(store: Store, id: Id): Promise<readonly string[]> {
  return await store.verify(id, testJob()).catch((error: unknown) => {
    assert.ok(isDamage(error), String(error))
    return [String(error)]
  })
}

function isDamage(error: unknown): boolean {
  return hasCode('backup.damaged')(error) || hasCode('backup.label-damaged')(error) || hasCode('backup.unknown')(error)
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof TillsafeError && error.code === code
}

/** Puts changed bytes, or nothing, in the place of an object. Gives the original; undefined when nothing changes. */
async function replace(
  destination: Destination,
  key: Key,
  damage: ((bytes: Buffer) => Buffer) | undefined,
): Promise<Buffer | undefined> {
  const exists = (await destination.size(key)) !== undefined
  const original = exists ? await readAll(await destination.read(key)) : Buffer.alloc(0)
  const changed = damage?.(original)
  if (exists && changed?.equals(original)) {
    return undefined
  }
  await destination.remove(key)
  if (changed !== undefined) {
    await destination.write(key, bytesContent(changed))
  }
  return original
}

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  const middle = Math.floor(bytes.byteLength / 2)
  if (bytes.byteLength > 0) {
    changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle)
  }
  return changed
}

function cut(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.byteLength / 2))
}

function lengthened(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.from('x')])
}

async function keysOf(destination: Destination): Promise<Key[]> {
  return await collect(destination.list(''))
}

/** How many objects there are, and their bytes. Names say nothing: what is sealed anew has another. */
async function roomTaken(destination: Destination): Promise<{ objects: number; bytes: number }> {
  const sizes = await Promise.all((await keysOf(destination)).map(async (key) => (await destination.size(key)) ?? 0))
  return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

async function* lookingIn(entries: AsyncIterable<Entry>, look: () => Promise<void>): AsyncIterable<Entry> {
  for await (const entry of entries) {
    await look()
    yield entry
  }
}

async function* endingEarly(entries: AsyncIterable<Entry>): AsyncIterable<Entry> {
  for await (const entry of entries) {
    yield entry
    if (entry.part === 'images') {
      throw new Error('the folder is gone')
    }
  }
}

async function* spoiling(entries: AsyncIterable<Entry>, path: string, open: Content['open']): AsyncIterable<Entry> {
  for await (const entry of entries) {
    yield entry.path === path ? { ...entry, open } : entry
  }
}

async function* breakingOff(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes.subarray(0, bytes.byteLength / 2)
  throw new Error('the snapshot broke')
}

async function nothing(): Promise<AsyncIterable<Uint8Array>> {
  return await bytesContent(new Uint8Array()).open()
}
