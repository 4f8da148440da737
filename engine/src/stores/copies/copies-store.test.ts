import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Destination } from '../../destinations/destination.ts'
import { LocalDestination } from '../../destinations/local.ts'
import { MemoryDestination } from '../../destinations/memory.ts'
import { type Label, type StoredBackup, TillsafeError } from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { collect } from '../../testing/collect.ts'
import {
  entriesOf,
  type SyntheticFiles,
  type SyntheticShop,
  syntheticBytes,
  syntheticFacts,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { storeChecks } from '../checks.ts'
import { encodeLabel } from '../label-file.ts'
import { CopiesStore } from './copies-store.ts'

const MIB = 1024 * 1024
const TIME_ZONE = 'Europe/Brussels'
let folder: TemporaryFolder
let rooms = 0
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-copies-')
})
afterAll(async () => await folder[Symbol.asyncDispose]())

async function localDestination(): Promise<LocalDestination> {
  const path = folder.join(`place ${rooms++}`)
  await mkdir(path)
  return new LocalDestination({ path, owner: '0123456789abcdef0123456789abcdef' })
}

function storeOf(destination: Destination, { signer, ...shop }: SyntheticShop, workspace = 'main'): CopiesStore {
  return new CopiesStore({ destination, workspace, shop, signer, timeZone: TIME_ZONE })
}

describe.each([
  ['in memory', async () => new MemoryDestination()],
  ['in a local folder', localDestination],
])('copies %s', (_, make: () => Promise<Destination>) => {
  test.each(storeChecks)('$name', async ({ run }) => {
    await run(async () => {
      const destination = await make()
      return { destination, storeOf: (shop) => storeOf(destination, shop) }
    })
  })
})

describe('copies', () => {
  const shop = syntheticShop('Café')
  const a = syntheticBytes(100, 'a')
  const files: SyntheticFiles = { database: syntheticBytes(9000, 'database'), images: { 'a.jpg': a } }
  const image = `Images/${sha256OfBytes(a).slice(0, 2)}/${sha256OfBytes(a)}.jpg`
  let destination: MemoryDestination
  let store: CopiesStore
  beforeEach(() => {
    destination = new MemoryDestination()
    store = storeOf(destination, shop)
  })

  async function save(sequence: number, saved = files, changes: Partial<Label> = {}): Promise<StoredBackup> {
    return await store.save(syntheticSnapshot(syntheticHeading(shop, sequence, changes), saved), testJob())
  }

  function replaced(key: string, bytes: Uint8Array): void {
    expect(destination.objects.has(key)).toBe(true)
    destination.objects.set(key, bytes)
  }

  describe('what lies in the destination', () => {
    test('is a database file, its label, the images and their list', async () => {
      const { key, label } = await save(1)
      expect(key).toBe('main/Manual/Café_backup_20261121_110100.db')
      expect([...destination.objects.keys()].toSorted()).toEqual(
        [key, `${key}.json`, `main/Images/Lists/${label.images?.list}.json`, `main/${image}`].toSorted(),
      )
      expect(destination.objects.get(key)).toEqual(files.database)
      expect(destination.objects.get(`main/${image}`)).toEqual(a)
    })

    test('is no second list and no second image when these have not changed', async () => {
      await save(1)
      const before = destination.objects.size
      await save(2, { ...files, database: syntheticBytes(10, 'other') })
      expect(destination.objects.size).toBe(before + 2)
    })

    test('is no list when there are no images: a restore then leaves those of the shop alone', async () => {
      const { label } = await save(1, { database: files.database })
      expect(label.images).toBeUndefined()
      expect(destination.objects.size).toBe(2)
    })

    test('has a number in the name of the second backup of a second', async () => {
      const takenAt = '2026-11-21T10:01:00.000Z'
      const keys = [(await save(1, files, { takenAt })).key, (await save(2, files, { takenAt })).key]
      expect(keys[1]).toBe('main/Manual/Café_backup_20261121_110100_2.db')
    })

    test('never replaces a file that a person has put there', async () => {
      const taken = 'main/Manual/Café_backup_20261121_110100.db'
      await destination.write(taken, bytesContent(Buffer.from('mine')))
      const { key } = await save(1)
      expect(key).toBe('main/Manual/Café_backup_20261121_110100_2.db')
      expect(String(destination.objects.get(taken))).toBe('mine')
      await store.sweep()
      expect(await collect(store.list())).toHaveLength(1)
      expect(destination.objects.has(taken)).toBe(true)
    })

    test('never touches what another process has marked as its own, even when it fails', async () => {
      const theirs = 'main/Manual/Café_backup_20261121_110100.db.saving'
      await destination.write(theirs, bytesContent(Buffer.from('theirs')))
      const facts = async (): Promise<never> => await Promise.reject(new Error('not good'))
      const saving = store.save(syntheticSnapshot(syntheticHeading(shop, 1), files, { facts }), testJob())
      await expect(saving).rejects.toThrow('not good')
      expect(destination.objects.has(theirs)).toBe(true)
      expect((await save(1)).key).toBe('main/Manual/Café_backup_20261121_110100_2.db')
    })

    test('is written in this order: marker, database, images, list, label', async () => {
      const written: string[] = []
      const write = destination.write.bind(destination)
      destination.write = async (key, content) => {
        await write(key, content)
        written.push(key.replace(/^main\/(Images\/Lists|Images|Manual)\/.*?(\.[a-z.]+)$/, '$1 $2'))
      }
      await save(1)
      expect(written).toEqual([
        'Manual .db.saving',
        'Manual .db',
        'Images .jpg',
        'Images/Lists .json',
        'Manual .db.json',
      ])
    })

    test('is read back: a destination that loses bytes is noticed, and keeps nothing', async () => {
      for (const spoilt of ['.db', '.jpg', '.json', '.db.json']) {
        const lossy = new MemoryDestination()
        const write = lossy.write.bind(lossy)
        lossy.write = async (key, content) => {
          await write(key, content)
          if (key.endsWith(spoilt)) {
            lossy.objects.set(key, Buffer.alloc(content.bytes, 1))
          }
        }
        const saving = storeOf(lossy, shop).save(syntheticSnapshot(syntheticHeading(shop, 1), files), testJob())
        await expect(saving).rejects.toMatchObject({ code: 'destination.failed' })
        expect([...lossy.objects.keys()].filter((key) => key.includes('Manual'))).toEqual([])
      }
    })
  })

  describe('the list', () => {
    test('passes over other workspaces, markers, and databases without a label', async () => {
      const saved = await save(1)
      await destination.write('main/Manual/by hand.db', bytesContent(files.database))
      await destination.write('main/Manual/x.db.saving', bytesContent(files.database))
      await destination.write('main/notes.db.json', bytesContent(files.database))
      await destination.write('other/Manual/x.db.json', bytesContent(files.database))
      expect(await collect(store.list())).toEqual([{ kind: 'backup', backup: saved }])
    })

    test('passes over a label of another workspace that someone has put here', async () => {
      const { key } = await save(1)
      const away = storeOf(destination, shop, 'away')
      await destination.write('away/Manual/x.db.json', bytesContent(destination.objects.get(`${key}.json`) ?? a))
      expect(await collect(away.list())).toEqual([])
      await expect(away.open(syntheticHeading(shop, 1).id, testJob())).rejects.toMatchObject({ code: 'backup.unknown' })
    })

    test('follows a backup that a person has moved to another tier folder', async () => {
      const { key, label } = await save(1)
      for (const ending of ['', '.json']) {
        await destination.write(
          `main/Yearly/keep me.db${ending}`,
          bytesContent(destination.objects.get(key + ending) ?? a),
        )
        await destination.remove(key + ending)
      }
      expect(await collect(store.list())).toMatchObject([{ backup: { key: 'main/Yearly/keep me.db' } }])
      expect(await store.verify(label.id, testJob())).toEqual([])
    })

    test('shows a label that cannot be read, and why', async () => {
      const { key } = await save(1)
      replaced(`${key}.json`, Buffer.from('{'))
      expect(await collect(store.list())).toEqual([
        { kind: 'unreadable', key, problem: 'the label cannot be trusted: it is not JSON' },
      ])
    })

    test('stops when the disk is gone, instead of being short', async () => {
      destination.list = async function* () {
        yield 'main/Manual/x.db.json'
      }
      destination.size = async () => await Promise.reject(new TillsafeError('destination.missing', 'unplugged'))
      await expect(collect(store.list())).rejects.toMatchObject({ code: 'destination.missing' })
    })
  })

  test('asks for a later Tillsafe to open a later label', async () => {
    const { key, label } = await save(1)
    replaced(`${key}.json`, encodeLabel({ ...label, version: 2 as 1 }, shop.signer))
    await expect(store.open(label.id, testJob())).rejects.toMatchObject({ code: 'backup.label-newer' })
    await expect(store.verify(label.id, testJob())).rejects.toMatchObject({ code: 'backup.label-newer' })
    expect(await collect(store.list())).toMatchObject([{ kind: 'unreadable' }])
  })

  test('says what does not fit', async () => {
    const { key, label } = await save(1)
    const verify = async (): Promise<readonly string[]> => await store.verify(label.id, testJob())
    replaced(key, syntheticBytes(9000, 'other'))
    replaced(`main/${image}`, syntheticBytes(99, 'short'))
    expect(await verify()).toEqual(['the database is not what was saved', 'image a.jpg has 99 bytes instead of 100'])
    destination.objects.delete(key)
    destination.objects.delete(`main/${image}`)
    expect(await verify()).toEqual(['the database is missing', 'image a.jpg is missing'])
    destination.objects.delete(`main/Images/Lists/${label.images?.list}.json`)
    expect(await verify()).toEqual(['the database is missing', 'the list of images is missing'])
  })

  describe('an image', () => {
    /** Saves files of which one image opens differently each time. */
    async function saveOpening(
      path: string,
      bytes: number,
      openings: readonly (() => Uint8Array)[],
    ): Promise<StoredBackup> {
      let count = 0
      const open: Content['open'] = async () => {
        const content = openings[Math.min(count++, openings.length - 1)]?.() ?? new Uint8Array()
        return await bytesContent(content).open()
      }
      async function* entries(): AsyncIterable<Entry> {
        yield* entriesOf({ database: files.database })
        yield { path, part: 'images', bytes, open }
      }
      return await store.save(syntheticSnapshot(syntheticHeading(shop, 1), files, { entries }), testJob())
    }

    const first = syntheticBytes(17 * MIB, 'first')
    const second = syntheticBytes(17 * MIB, 'second')

    test('that is large and changes while it is read is read again', async () => {
      const { label } = await saveOpening('big.png', 17 * MIB, [() => first, () => second])
      expect(label).toMatchObject({ problems: [], images: { count: 1, bytes: 17 * MIB } })
      expect(await store.verify(label.id, testJob())).toEqual([])
    })

    test('that never stops changing is noted and left out', async () => {
      let turn = 0
      const { label } = await saveOpening('big.png', 17 * MIB, [() => (turn++ % 2 === 0 ? first : second)])
      expect(label.problems).toEqual(['image big.png is not in this backup: it kept changing while it was read'])
      expect([...destination.objects.keys()].some((key) => key.includes('/Images/'))).toBe(false)
    })

    test('that is large and vanishes while it is read is noted and left out', async () => {
      const gone = (): never => {
        throw new Error('ENOENT: gone')
      }
      const { label } = await saveOpening('big.png', 17 * MIB, [() => first, gone])
      expect(label.problems).toEqual(['image big.png is not in this backup: ENOENT: gone'])
    })

    test('is kept as it is read, whatever size was announced', async () => {
      const { label } = await saveOpening('a.jpg', 55, [() => a])
      expect(label).toMatchObject({ problems: [], images: { bytes: 100 } })
      expect(await store.verify(label.id, testJob())).toEqual([])
    })

    test('with a path that may not be written is noted and left out', async () => {
      const { label } = await saveOpening('../a.jpg', 100, [() => a])
      expect(label.problems).toEqual(['image ../a.jpg is not in this backup: its path cannot be stored'])
    })

    test('whose place is spoilt gets another one', async () => {
      await destination.write(`main/${image}`, bytesContent(a.subarray(0, 50)))
      const { label } = await save(1)
      expect(destination.objects.get(`main/${image.replace('.jpg', '_2.jpg')}`)).toEqual(a)
      expect(await store.verify(label.id, testJob())).toEqual([])
      await save(2)
      expect(await store.verify(syntheticHeading(shop, 2).id, testJob())).toEqual([])
    })

    test('list whose place is spoilt gets another one', async () => {
      const { label } = await save(1)
      replaced(`main/Images/Lists/${label.images?.list}.json`, Buffer.from('spoilt'))
      await save(2)
      expect(await store.verify(syntheticHeading(shop, 2).id, testJob())).toEqual([])
      expect(await store.verify(label.id, testJob())).toEqual([])
    })

    test('that does not come in order of path ends the save: the list could not be told apart from another', async () => {
      async function* entries(): AsyncIterable<Entry> {
        yield* entriesOf({ database: files.database })
        for (const path of ['images/b', 'images/a']) {
          yield { path, part: 'images', ...bytesContent(a) }
        }
      }
      const saving = store.save(syntheticSnapshot(syntheticHeading(shop, 1), files, { entries }), testJob())
      await expect(saving).rejects.toThrow(/in order of path, each once/)
      expect(await collect(store.list())).toEqual([])
    })

    test('that was left out while the images were walked is told by the label', async () => {
      const problems: string[] = []
      async function* entries(): AsyncIterable<Entry> {
        yield* entriesOf(files)
        problems.splice(0, 1, 'image images/x is left out')
      }
      const facts = async () => ({ ...syntheticFacts(files.database), problems: [...problems] })
      const snapshot = syntheticSnapshot(syntheticHeading(shop, 1), files, { entries, facts })
      expect((await store.save(snapshot, testJob())).label.problems).toEqual(['image images/x is left out'])
    })

    test('problem does not make a label too large to be read', async () => {
      async function* entries(): AsyncIterable<Entry> {
        yield* entriesOf({ database: files.database })
        for (let count = 0; count < 2000; count++) {
          const path = `${'long/'.repeat(400)}${count}.jpg`
          yield { path, part: 'images', bytes: 1, open: async () => await Promise.reject(new Error('gone')) }
        }
      }
      const saved = await store.save(syntheticSnapshot(syntheticHeading(shop, 1), files, { entries }), testJob())
      expect(saved.label.problems).toHaveLength(51)
      expect(saved.label.problems.at(-1)).toBe('1950 more images are not in this backup')
      expect(await collect(store.list())).toEqual([{ kind: 'backup', backup: saved }])
    })
  })

  describe('removing', () => {
    const others: SyntheticFiles = { database: syntheticBytes(10, 'x'), images: { 'b.jpg': syntheticBytes(7, 'b') } }

    async function imagesAfterRemoving(spoil: () => Promise<void> | void): Promise<number> {
      await save(1)
      const { label } = await save(2, others)
      await spoil()
      await store.remove([label.id], testJob())
      expect(destination.objects.has('main/Manual/Café_backup_20261121_110200.db')).toBe(false)
      return [...destination.objects.keys()].filter((key) => key.startsWith('main/Images/')).length
    }

    test('takes the images that no other backup names', async () => {
      expect(await imagesAfterRemoving(() => undefined)).toBe(2)
    })

    test.each<[string, () => Promise<void> | void]>([
      ['a label cannot be read', () => replaced('main/Manual/Café_backup_20261121_110100.db.json', Buffer.from('x'))],
      [
        'a list cannot be read',
        () => {
          for (const key of destination.objects.keys()) {
            if (key.startsWith('main/Images/Lists/')) {
              destination.objects.set(key, Buffer.from('x'))
            }
          }
        },
      ],
      ['a backup is being saved', async () => await destination.write('main/Daily/x.db.saving', bytesContent(a))],
      [
        'another shop keeps backups here',
        async () => {
          const other = syntheticShop()
          await storeOf(destination, other).save(
            syntheticSnapshot(syntheticHeading(other, 9), { database: a }),
            testJob(),
          )
        },
      ],
    ])('leaves all images when %s', async (_, spoil) => {
      expect(await imagesAfterRemoving(spoil)).toBe(4)
    })

    test('takes the images of saves that were cut long ago, and nothing that it did not name', async () => {
      const ours = `main/Images/00/${'00'.repeat(32)}.jpg`
      const kept = ['main/Images/mine.jpg', 'main/Images/00/mine.jpg', 'main/Images/Lists/mine.json', `away/${ours}`]
      for (const key of [ours, ...kept]) {
        await destination.write(key, bytesContent(a))
      }
      await save(1)
      const { label } = await save(2)
      await store.remove([label.id], testJob())
      expect(destination.objects.has(ours)).toBe(false)
      expect(kept.every((key) => destination.objects.has(key))).toBe(true)
    })

    test('works on a disk that is full', async () => {
      const { label } = await save(1)
      destination.write = async () => await Promise.reject(new TillsafeError('destination.full', 'full'))
      await store.remove([label.id], testJob())
      expect(destination.objects.size).toBe(0)
    })
  })

  describe('sweep', () => {
    const stem = 'main/Daily/Café_backup_20261121_110100.db'

    async function left(marker: unknown): Promise<string[]> {
      await destination.write(
        `${stem}.saving`,
        bytesContent(Buffer.from(typeof marker === 'string' ? marker : JSON.stringify(marker))),
      )
      await destination.write(stem, bytesContent(a))
      await store.sweep()
      return [...destination.objects.keys()].toSorted()
    }

    const marker = { kind: 'tillsafe.saving', backup: shop.id, shop: shop.id }

    test('removes the database of a save that was cut', async () => {
      expect(await left(marker)).toEqual([])
    })

    test('removes only the marker when the label had been written', async () => {
      await destination.write(`${stem}.json`, bytesContent(a))
      expect(await left(marker)).toEqual([stem, `${stem}.json`])
    })

    test.each([
      ['is of another shop', { ...marker, shop: '0'.repeat(32) }],
      ['cannot be read', '{'],
      ['is something else', { kind: 'note' }],
    ])('leaves everything when the marker %s', async (_, other) => {
      expect(await left(other)).toEqual([stem, `${stem}.saving`])
    })

    test('leaves alone what is being saved', async () => {
      const snapshot = syntheticSnapshot(syntheticHeading(shop, 1), files, {
        facts: async () => {
          await store.sweep()
          return syntheticFacts(files.database)
        },
      })
      async function* entries(): AsyncIterable<Entry> {
        for await (const entry of entriesOf(files)) {
          await store.sweep()
          yield entry
        }
      }
      const { label } = await store.save({ ...snapshot, entries }, testJob())
      expect(await store.verify(label.id, testJob())).toEqual([])
    })
  })

  test('takes no snapshot of another shop or workspace', async () => {
    const other = syntheticShop()
    const heading = syntheticHeading(other, 1)
    await expect(store.save(syntheticSnapshot(heading, files), testJob())).rejects.toThrow(/another shop or workspace/)
    const away = syntheticHeading(shop, 1, { workspace: { id: 'away', name: 'Away', kind: 'business' } })
    await expect(store.save(syntheticSnapshot(away, files), testJob())).rejects.toThrow(/another shop or workspace/)
    expect(destination.objects.size).toBe(0)
  })
})
