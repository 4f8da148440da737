import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesContent, readAll } from '../../snapshot/bytes-content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import {
  entriesOf,
  type SyntheticFiles,
  syntheticBytes,
  syntheticFacts,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { type TestJob, testJob } from '../../testing/test-job.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { type ArchiveContents, type WrittenArchive, writeArchive } from './write-archive.ts'
import { ZipReader } from './zip/read-zip.ts'
import type { ZipItem } from './zip/zip-item.ts'
import { ARCHIVE_LIMITS } from './zip/zip-limits.ts'

const MIB = 1024 * 1024
const { signer, ...mark } = syntheticShop('Café')
const heading = syntheticHeading({ ...mark, signer }, 1)
const database = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(50_000)])

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-write-archive-')
  await mkdir(folder.join('scratch'))
})
afterAll(async () => await folder[Symbol.asyncDispose]())

describe('an archive', () => {
  test('has its database, its images in order of path, the settings, the manifest and its signature', async () => {
    const images = { 'images/b.jpg': database, 'images/a/z': database, 'images/a.b': database }
    const items = await itemsOf(write({ database, images }))
    expect(items.map(({ path }) => path)).toEqual([
      'database/main.db',
      'images/a.b',
      'images/a/z',
      'images/b.jpg',
      'settings.json',
      'manifest.json',
      'manifest.json.sig',
    ])
    expect(items.at(-1)?.bytes).toBe(64)
  })

  test('compresses what shrinks: no encrypted database, and no image that is compressed already', async () => {
    const even = Buffer.alloc(50_000, 7)
    const images = { 'images/a.JPG': even, 'images/b.jpeg': even, 'images/c.avif': even, 'images/d.bmp': even }
    const compressed = async (files: SyntheticFiles, changes: Partial<ArchiveContents> = {}) =>
      (await itemsOf(write(files, {}, changes))).filter((item) => item.compressedBytes < item.bytes / 2).map(pathOf)
    expect(await compressed({ database, images })).toEqual(['database/main.db', 'images/d.bmp', 'manifest.json'])
    expect(await compressed({ database: even })).not.toContain('database/main.db')
    const text = Buffer.concat([database, Buffer.from('the same words in another order '.repeat(2000))])
    const bytesAt = async (level: 1 | 9) =>
      (await itemsOf(write({ database: text }, {}, { level })))[0]?.compressedBytes ?? 0
    expect(await bytesAt(9)).toBeLessThan(await bytesAt(1))
  })

  test('is refused for another shop than the one that signs', () => {
    const { signer: _, ...stranger } = syntheticShop('Stranger')
    expect(() => write({ database }, {}, { shop: stranger })).toThrow(/signed by the shop/)
  })
})

describe('an image', () => {
  /** The problems of an archive with one image that opens differently each time, and what was written of it. */
  async function imageOpening(path: string, bytes: number, openings: readonly (() => Uint8Array)[]) {
    let count = 0
    async function* entries(): AsyncIterable<Entry> {
      yield* entriesOf({ database })
      const open: Entry['open'] = async () => {
        const content = openings[Math.min(count++, openings.length - 1)]?.() ?? new Uint8Array()
        return await bytesContent(content).open()
      }
      yield { path, part: 'images', bytes, open }
    }
    const written = write({ database }, { entries })
    const found = await itemsOf(written)
    const { manifest } = await written.outline
    expect(await readdir(folder.join('scratch'))).toEqual([])
    return { problems: manifest.parts[0]?.label.problems, bytes: found.find((item) => item.path === path)?.bytes }
  }

  const [first, second] = [syntheticBytes(17 * MIB, 'first'), syntheticBytes(17 * MIB, 'second')]
  const gone = (): never => {
    throw new Error('ENOENT: gone')
  }

  test.each<[string, string, number, readonly (() => Uint8Array)[], string | undefined]>([
    [
      'that is large and changes while it is read is read again',
      'images/a',
      17 * MIB,
      [() => first, () => second],
      undefined,
    ],
    [
      'that never stops changing is noted and left out',
      'images/a',
      17 * MIB,
      [() => first, () => second, () => first, () => second, () => first, () => second],
      'it kept changing while it was read',
    ],
    ['that vanishes is noted and left out', 'images/a', 17 * MIB, [() => first, gone], 'ENOENT: gone'],
    ['that cannot be opened is noted and left out', 'images/a', 3, [gone], 'ENOENT: gone'],
    [
      'that climbs out is noted and left out',
      'images/../a',
      3,
      [() => first],
      'its name is no name that a file may have everywhere',
    ],
    ['outside of the images is noted and left out', 'settings.json', 3, [() => first], 'its path cannot be stored'],
    [
      'with half a letter in its name is noted and left out',
      'images/\ud800',
      3,
      [() => first],
      'its path cannot be stored',
    ],
  ])('%s', async (_, path, bytes, openings, why) => {
    const found = await imageOpening(path, bytes, openings)
    expect(found.problems).toEqual(why === undefined ? [] : [`image ${path} is not in this backup: ${why}`])
    if (path !== 'settings.json') {
      expect(found.bytes).toBe(why === undefined ? 17 * MIB : undefined)
    }
  })

  test('is kept as it is read, whatever size was announced', async () => {
    expect(await imageOpening('images/a', 55, [() => database])).toEqual({ problems: [], bytes: database.byteLength })
  })

  test('that has the name of another in capitals is noted and left out', async () => {
    const written = write({ database, images: { 'images/a.jpg': database, 'images/A.jpg': first } })
    await itemsOf(written)
    const { parts } = (await written.outline).manifest
    expect(parts[0]?.label.images?.count).toBe(1)
    expect(parts[0]?.label.problems).toHaveLength(1)
    expect(parts[0]?.label.problems[0]).toMatch(/image images\/a\.jpg is not in this backup: its name .*capitals/)
  })
})

test('a label tells what was met while the images were walked', async () => {
  const problems: string[] = []
  async function* entries(): AsyncIterable<Entry> {
    yield* entriesOf({ database })
    problems.splice(0, 1, 'image images/x is left out')
  }
  const facts = async () => ({ ...syntheticFacts(database), problems: [...problems] })
  const written = write({ database }, { entries, facts })
  await itemsOf(written)
  expect((await written.outline).manifest.parts[0]?.label.problems).toEqual(['image images/x is left out'])
})

describe('writing breaks off', () => {
  async function failure(changes: Partial<Snapshot>, job?: TestJob): Promise<unknown> {
    const written = write({ database }, changes, {}, job)
    const error = await readAll(written.stream).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    await expect(written.outline).rejects.toThrow()
    return error
  }

  test('when the facts are of another database', async () => {
    const facts = async () => syntheticFacts(Buffer.from('another'))
    expect(await failure({ facts })).toMatchObject({ code: 'backup.damaged' })
  })

  test('when the copy is not good', async () => {
    const facts = async () => await Promise.reject(new Error('not good'))
    expect(await failure({ facts })).toMatchObject({ message: 'not good' })
  })

  test('when the images of the snapshot are not in order of path', async () => {
    async function* entries(): AsyncIterable<Entry> {
      yield* entriesOf({ database })
      for (const path of ['images/b', 'images/a']) {
        yield { path, part: 'images', ...bytesContent(database) }
      }
    }
    expect(String(await failure({ entries }))).toMatch(/in order of path, each once/)
  })

  test('when an image comes before the database', async () => {
    async function* entries(): AsyncIterable<Entry> {
      yield { path: 'images/a', part: 'images', ...bytesContent(database) }
      yield* entriesOf({ database })
    }
    expect(String(await failure({ entries }))).toMatch(/database first/)
  })

  test('when the job is cancelled', async () => {
    const job = testJob({ onReport: (_, own) => own.cancel() })
    expect(await failure({}, job)).toMatchObject({ code: 'job.cancelled' })
  })

  test('when nobody reads on', async () => {
    const written = write({ database })
    for await (const _ of written.stream) {
      break
    }
    await expect(written.outline).rejects.toThrow(/not read to its end/)
  })
})

function write(
  files: SyntheticFiles,
  changes: Partial<Snapshot> = {},
  contents: Partial<ArchiveContents> = {},
  job: TestJob = testJob(),
): WrittenArchive {
  const all = {
    holds: 'workspace',
    shop: mark,
    madeAt: '2026-11-21T10:57:00.000Z',
    tillsafeVersion: '0.1.0',
    settings: Buffer.from('{}\n'),
    parts: [{ folder: '', snapshot: syntheticSnapshot(heading, files, changes) }],
    scratch: folder.join('scratch'),
    ...contents,
  } as const
  return writeArchive(all, signer, job)
}

async function itemsOf({ stream }: WrittenArchive): Promise<readonly ZipItem[]> {
  const file = folder.join('archive.zip')
  await writeFile(file, await readAll(stream))
  await using zip = await ZipReader.open(file, ARCHIVE_LIMITS)
  return await Array.fromAsync(zip.items())
}

function pathOf({ path }: ZipItem): string {
  return path
}
