import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Destination } from '../../destinations/destination.ts'
import { MemoryDestination } from '../../destinations/memory.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { collect } from '../../testing/collect.ts'
import { FaultyDisk } from '../../testing/faulty-disk.ts'
import {
  entriesOf,
  type SyntheticFiles,
  type SyntheticShop,
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { type Disk, realDisk } from '../../work/disk.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { storeChecks } from '../checks.ts'
import { CopiesStore } from '../copies/copies-store.ts'
import { ArchiveStore } from './archive-store.ts'
import { unpackArchive } from './unpack-archive.ts'

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-archives-')
  await mkdir(folder.join('scratch'))
})
afterAll(async () => await folder[Symbol.asyncDispose]())

function storeOf(destination: Destination, { signer, ...shop }: SyntheticShop, disk: Disk = realDisk): ArchiveStore {
  const place = { destination, workspace: 'main', shop, signer, timeZone: 'Europe/Brussels' }
  return new ArchiveStore({ ...place, scratch: folder.join('scratch'), disk })
}

describe('archives', () => {
  test.each(storeChecks)('$name', async ({ run }) => {
    await run(async () => {
      const destination = new MemoryDestination()
      return { destination, storeOf: (shop) => storeOf(destination, shop) }
    })
    expect(await readdir(folder.join('scratch'))).toEqual([])
  })
})

describe('an archive store', () => {
  const shop = syntheticShop('Café')
  const files: SyntheticFiles = {
    database: syntheticBytes(9000, 'database'),
    images: { 'images/a.jpg': syntheticBytes(100, 'a') },
  }
  let destination: MemoryDestination
  let store: ArchiveStore
  beforeEach(() => {
    destination = new MemoryDestination()
    store = storeOf(destination, shop)
  })

  function snapshotOf(sequence: number, saved = files, changes: Partial<Snapshot> = {}): Snapshot {
    return syntheticSnapshot(syntheticHeading(shop, sequence), saved, changes)
  }

  test('writes marker, archive and label, in this order, and removes the marker', async () => {
    const written: string[] = []
    const write = destination.write.bind(destination)
    destination.write = async (key, content) => {
      await write(key, content)
      written.push(key)
    }
    const { key } = await store.save(snapshotOf(1), testJob())
    expect(key).toBe('main/Manual/Café_backup_20261121_110100.zip')
    expect(written).toEqual([`${key}.saving`, key, `${key}.json`])
    expect([...destination.objects.keys()]).toEqual([key, `${key}.json`])
  })

  test('gives the label that copies give, and keeps the settings', async () => {
    const settings = Buffer.from('{"kind":"tillsafe.settings"}\n')
    async function* entries(): AsyncIterable<Entry> {
      yield* entriesOf(files)
      yield { path: 'settings.json', part: 'settings', ...bytesContent(settings) }
    }
    const { label, key } = await store.save(snapshotOf(1, files, { entries }), testJob())
    const copies = copiesIn(new MemoryDestination())
    expect(label).toEqual((await copies.save(snapshotOf(1, files, { entries }), testJob())).label)
    const file = folder.join('kept.zip')
    await writeFile(file, destination.objects.get(key) ?? '')
    await mkdir(folder.join('kept'))
    await unpackArchive({ file, into: folder.join('kept'), write: 'everything' }, testJob())
    expect(await readFile(folder.join('kept/000003'))).toEqual(settings) // behind the database and the image
  })

  test('and copies in the same folders leave each other alone', async () => {
    const copies = copiesIn(destination)
    const copy = await copies.save(snapshotOf(1), testJob())
    const archive = await store.save(snapshotOf(1), testJob())
    expect(await collect(copies.list())).toEqual([{ kind: 'backup', backup: copy }])
    expect(await collect(store.list())).toEqual([{ kind: 'backup', backup: archive }])
    await store.sweep()
    await copies.sweep()
    await store.remove([archive.label.id], testJob())
    expect(await copies.verify(copy.label.id, testJob())).toEqual([])
    await store.save(snapshotOf(1), testJob())
    await copies.remove([copy.label.id], testJob())
    expect(await store.verify(archive.label.id, testJob())).toEqual([])
    const left = { kind: 'tillsafe.saving', backup: archive.label.id, shop: shop.id }
    await destination.write('main/Daily/x.db', bytesContent(Buffer.from('a copy that was cut')))
    await destination.write('main/Daily/x.db.saving', bytesContent(Buffer.from(JSON.stringify(left))))
    await store.sweep()
    expect(destination.objects.has('main/Daily/x.db')).toBe(true)
    await copies.sweep()
    expect(destination.objects.has('main/Daily/x.db')).toBe(false)
  })

  test('finds out an archive that lies under the label of another backup', async () => {
    const first = await store.save(snapshotOf(1), testJob())
    const second = await store.save(snapshotOf(2), testJob())
    destination.objects.set(second.key, destination.objects.get(first.key) ?? Buffer.alloc(0))
    expect(await store.verify(second.label.id, testJob())).toEqual(['the archive is not the one of its label'])
    await expect(store.open(second.label.id, testJob())).rejects.toMatchObject({ code: 'backup.damaged' })
  })

  test('is read back: a destination that loses bytes is noticed, and keeps nothing', async () => {
    const write = destination.write.bind(destination)
    destination.write = async (key, content) => {
      await write(key, content)
      if (key.endsWith('.zip')) {
        destination.objects.set(key, Buffer.alloc(content.bytes, 1))
      }
    }
    await expect(store.save(snapshotOf(1), testJob())).rejects.toMatchObject({ code: 'destination.failed' })
    expect(destination.objects.size).toBe(0)
  })

  test.each(['ENOSPC', 'EIO'])('leaves nothing when the disk of the scratch folder says %s', async (code) => {
    let reached = true
    for (let call = 1; reached; call++) {
      const disk = new FaultyDisk({ fault: { call, code, lasts: 'from-then-on' } })
      const outcome = await storeOf(destination, shop, disk)
        .save(snapshotOf(1), testJob())
        .catch((error: Error & { code?: string }) => error)
      reached = disk.failed
      if (reached) {
        expect(outcome).toMatchObject({ code: code === 'ENOSPC' ? 'space.short' : 'disk.failed' })
        expect(destination.objects.size).toBe(0)
      }
      expect(await readdir(folder.join('scratch'))).toEqual([])
      expect(call).toBeLessThan(50)
    }
    expect(destination.objects.size).toBe(2)
  })

  function copiesIn(place: Destination): CopiesStore {
    const { signer, ...mark } = shop
    return new CopiesStore({ destination: place, workspace: 'main', shop: mark, signer, timeZone: 'Europe/Brussels' })
  }
})
