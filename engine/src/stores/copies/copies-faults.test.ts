import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalDestination } from '../../destinations/local.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import { collect } from '../../testing/collect.ts'
import { type Fault, FaultyDisk } from '../../testing/faulty-disk.ts'
import {
  type SyntheticFiles,
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import type { Disk } from '../../work/disk.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { CopiesStore } from './copies-store.ts'

const { signer, ...shop } = syntheticShop('Café')
const anyShop = { ...shop, signer }
let folder: TemporaryFolder
let rooms = 0
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-faults-')
})
afterAll(async () => await folder[Symbol.asyncDispose]())

/** A folder of copies, seen through disks that fail and disks that don't. */
class Room {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  static async make(): Promise<Room> {
    const path = folder.join(`room ${rooms++}`)
    await mkdir(path)
    return new Room(path)
  }

  destination(disk?: Disk): LocalDestination {
    return new LocalDestination({ path: this.#path, owner: shop.id, ...(disk === undefined ? {} : { disk }) })
  }

  store(disk?: Disk): CopiesStore {
    return new CopiesStore({ destination: this.destination(disk), workspace: 'main', shop, signer, timeZone: 'UTC' })
  }

  /** What is listed, after a new start. Everything listed must be whole, and nothing unfinished may lie about. */
  async swept(): Promise<string[]> {
    const store = this.store()
    await store.sweep()
    const ids: string[] = []
    for (const one of await collect(store.list())) {
      expect(one.kind).toBe('backup')
      if (one.kind === 'backup') {
        ids.push(one.backup.label.id)
        expect(await store.verify(one.backup.label.id, testJob())).toEqual([])
      }
    }
    const keys = await collect(this.destination().list('main/Manual/'))
    expect(keys).toHaveLength(ids.length * 2)
    return ids
  }
}

async function saveTo(store: CopiesStore, sequence: number, files: SyntheticFiles): Promise<string> {
  const { label } = await store.save(syntheticSnapshot(syntheticHeading(anyShop, sequence), files), testJob())
  return label.id
}

describe('a save whose n-th disk call fails', () => {
  const before: SyntheticFiles = { database: syntheticBytes(500, '1'), images: { 'a.jpg': syntheticBytes(90, 'a') } }
  const files: SyntheticFiles = {
    database: syntheticBytes(600, '2'),
    images: { ...before.images, 'b.jpg': syntheticBytes(80, 'b') },
  }

  test.each<Pick<Fault, 'code' | 'lasts'>>([
    { code: 'EIO', lasts: 'once' },
    { code: 'EIO', lasts: 'from-then-on' },
    { code: 'ENOSPC', lasts: 'from-then-on' },
  ])('leaves whole backups only ($code $lasts)', async (kind) => {
    const room = await Room.make()
    const first = await saveTo(room.store(), 1, before)
    let reached = true
    for (let call = 1; reached; call++) {
      const disk = new FaultyDisk({ fault: { call, ...kind } })
      const id = await saveTo(room.store(disk), 1 + call, files).catch(() => undefined)
      const found = await room.swept()
      expect(found).toContain(first)
      expect(found.length).toBeLessThanOrEqual(2)
      if (id !== undefined) {
        expect(found).toContain(id)
      }
      await room.store().remove(
        found.filter((one) => one !== first),
        testJob(),
      )
      reached = disk.failed
      expect(call).toBeLessThan(400)
    }
  })

  test('can be removed by a removal whose n-th call fails, and the others stay whole', async () => {
    let reached = true
    for (let call = 1; reached; call++) {
      const room = await Room.make()
      const [first, second] = [await saveTo(room.store(), 1, before), await saveTo(room.store(), 2, files)]
      const disk = new FaultyDisk({ fault: { call, code: 'EIO', lasts: 'from-then-on' } })
      const outcome = await room
        .store(disk)
        .remove([second], testJob())
        .then(
          () => 'removed',
          () => 'failed',
        )
      const found = await room.swept()
      expect(found).toContain(first)
      if (outcome === 'removed') {
        expect(found).toEqual([first])
      }
      await room.store().remove([second], testJob())
      expect(await room.swept()).toEqual([first])
      reached = disk.failed
      expect(call).toBeLessThan(400)
    }
  })
})

describe('whatever happens in whatever order', () => {
  /** Few different images, so that backups share them. */
  const anyFiles: fc.Arbitrary<SyntheticFiles> = fc.record({
    database: fc
      .tuple(fc.constantFrom(0, 1, 511, 4096, 9999), fc.nat(1000))
      .map(([bytes, seed]) => syntheticBytes(bytes, `${seed}`)),
    images: fc.dictionary(
      fc.constantFrom('a.jpg', 'b.JPG', 'c/d.png', 'É e/f', 'g'),
      fc.constantFrom(0, 1, 2, 3).map((size) => syntheticBytes(size * 100, 'image')),
      { noNullPrototype: true },
    ),
  })
  const anyDeed = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('save' as const), files: anyFiles }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('cut-save' as const),
        files: anyFiles,
        call: fc.integer({ min: 1, max: 120 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('cut-remove' as const),
        which: fc.nat(20),
        call: fc.integer({ min: 1, max: 60 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
  )

  test('what was acknowledged comes back, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyDeed, { minLength: 1, maxLength: 12 }), async (deeds) => {
        const room = await Room.make()
        const kept = new Map<string, SyntheticFiles>()
        for (const [index, deed] of deeds.entries()) {
          await act(room, kept, deed, index + 1)
        }
        const found = await room.swept()
        for (const [id, files] of kept) {
          expect(found).toContain(id)
          expect(await filesOf(room.store(), id)).toEqual(files)
        }
      }),
      { numRuns: 60 },
    )
  })

  type Deed = typeof anyDeed extends fc.Arbitrary<infer D> ? D : never

  /** `kept` has what was acknowledged and whose removal was never begun. */
  async function act(room: Room, kept: Map<string, SyntheticFiles>, deed: Deed, sequence: number): Promise<void> {
    const cut =
      'call' in deed ? new FaultyDisk({ fault: { call: deed.call, code: 'EIO', lasts: 'from-then-on' } }) : undefined
    switch (deed.kind) {
      case 'save':
      case 'cut-save': {
        const id = await saveTo(room.store(cut), sequence, deed.files).catch((error: unknown) =>
          notUnlessCut(error, cut),
        )
        if (id !== undefined) {
          kept.set(id, deed.files)
        }
        break
      }
      case 'remove':
      case 'cut-remove': {
        const id = [...kept.keys()][deed.which % Math.max(kept.size, 1)]
        if (id !== undefined) {
          kept.delete(id)
          await room
            .store(cut)
            .remove([id], testJob())
            .catch((error: unknown) => notUnlessCut(error, cut))
        }
        break
      }
      case 'sweep':
        await room.store().sweep()
        break
      default:
        deed satisfies never
    }
  }

  function notUnlessCut(error: unknown, cut: FaultyDisk | undefined): undefined {
    if (cut === undefined) {
      throw error
    }
    return undefined
  }
})

async function filesOf(store: CopiesStore, id: string): Promise<SyntheticFiles> {
  await using opened = await store.open(id, testJob())
  let database = Buffer.alloc(0)
  const images: Record<string, Buffer> = {}
  for await (const entry of opened.entries()) {
    const bytes = Buffer.from(await readAll(await entry.open()))
    if (entry.part === 'database') {
      database = bytes
    } else {
      images[entry.path] = bytes
    }
  }
  return { database, images }
}
