import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ArchiveEntry, ArchiveManifest, Label } from '../../model/index.ts'
import { bytesContent, readAll } from '../../snapshot/bytes-content.ts'
import {
  type SyntheticFiles,
  type SyntheticShop,
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { ArchiveOutline } from './archive-outline.ts'
import { archiveSnapshot } from './archive-snapshot.ts'
import { ManifestFile, openManifest } from './manifest-file.ts'
import { unpack } from './unpack.ts'
import { unpackArchive } from './unpack-archive.ts'
import type { UnpackTask } from './unpack-task.ts'
import { UNPACKED_MANIFEST } from './unpacked-file.ts'
import { writeArchive } from './write-archive.ts'
import { ZipReader } from './zip/read-zip.ts'
import { writeZip, type ZipSource } from './zip/write-zip.ts'
import { ARCHIVE_LIMITS } from './zip/zip-limits.ts'

let folder: TemporaryFolder
let rooms = 0
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-unpack-')
})
afterAll(async () => await folder[Symbol.asyncDispose]())

const shop = syntheticShop('Café')
const files: SyntheticFiles = {
  database: syntheticBytes(600, 'database'),
  images: {
    'images/a.jpg': syntheticBytes(90, 'a'),
    'images/É/b.svg': Buffer.from('<svg/>'.repeat(50)),
    'images/none': new Uint8Array(),
  },
}

describe('an archive', () => {
  test('comes back as it was, whatever the images are called', async () => {
    const anyName = fc
      .string({
        unit: fc.constantFrom('a', 'É', 'e\u0301', ' ', '店', '😀', '-', '.', '[', '%'),
        minLength: 1,
        maxLength: 6,
      })
      .map((name) => `x${name}y`)
    const anyFiles: fc.Arbitrary<SyntheticFiles> = fc.record({
      database: fc.nat(9000).map((bytes) => syntheticBytes(bytes, 'database')),
      images: fc
        .uniqueArray(fc.tuple(fc.array(anyName, { minLength: 1, maxLength: 3 }), fc.nat(300)), {
          selector: ([names]) => names.join('/').normalize('NFC').toLowerCase(),
          comparator: (a, b) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`),
          maxLength: 8,
        })
        .map((all) =>
          Object.fromEntries(
            all.map(([names, bytes]) => [`images/${names.join('/')}`, syntheticBytes(bytes, names.join('/'))]),
          ),
        ),
    })
    await fc.assert(
      fc.asyncProperty(anyFiles, async (any) => {
        const { file, outline } = await archiveOf([{ files: any }])
        expect(outline.manifest.parts[0]?.label.problems).toEqual([])
        const { into, found } = await unpacked(file)
        expect(found).toEqual(outline)
        expect(JSON.stringify(found)).toBe(JSON.stringify(outline))
        expect(await contentOf(into)).toEqual(contentsOf(any))
      }),
      { numRuns: 40 },
    )
  })

  test('of the same contents has the same bytes', async () => {
    const [first, second] = [await archiveOf([{ files }]), await archiveOf([{ files }])]
    expect(await readFile(first.file)).toEqual(await readFile(second.file))
  })

  test('of a whole shop has a folder for each workspace', async () => {
    const { file } = await archiveOf([
      { id: 'main', files },
      { id: 'cellar', files: { database: syntheticBytes(10, 'cellar') } },
    ])
    const { into, found } = await unpacked(file)
    expect(found.entries).toBe(7)
    expect((await manifestIn(into)).entries.map(({ path }) => path)).toEqual([
      'main/database/main.db',
      'main/images/a.jpg',
      'main/images/none',
      'main/images/É/b.svg',
      'cellar/database/cellar.db',
      'workspaces.json',
      'settings.json',
    ])
  })

  test('gives what is wanted of it, under names that are none of its own', async () => {
    const { file } = await archiveOf([
      { id: 'main', files },
      { id: 'cellar', files },
    ])
    const names = async (task: Partial<UnpackTask>) => (await readdir((await unpacked(file, task)).into)).toSorted()
    expect(await names({ write: 'nothing' })).toEqual([])
    expect(await names({ write: 'databases' })).toEqual(['000001', '000005'])
    expect(await names({ write: 'databases', part: 'cellar' })).toEqual(['000005'])
    expect(await names({ write: 'everything', part: 'cellar' })).toEqual([
      '000005',
      '000006',
      '000007',
      '000008',
      '000009',
      '000010',
      UNPACKED_MANIFEST,
    ])
    await expect(unpacked(file, { part: 'attic' })).rejects.toMatchObject({ code: 'workspace.unknown' })
    await expect(unpacked(file, { freeBytes: 599 })).rejects.toMatchObject({ code: 'space.short' })
  })
})

describe('behind walls', () => {
  test('an archive becomes a snapshot, also through a link', async () => {
    const { file, outline } = await archiveOf([{ files }])
    await symlink(file, `${file}.link`)
    const into = await emptyFolder()
    const archive = await unpackArchive({ file: `${file}.link`, into, write: 'everything' }, testJob())
    expect(archive).toMatchObject(outline)
    const [part] = archive.manifest.parts
    const snapshot = archiveSnapshot(archive, part ?? expect.fail())
    const found: Record<string, Buffer> = {}
    for await (const entry of snapshot.entries()) {
      found[entry.path] = Buffer.from(await readAll(await entry.open()))
    }
    const { 'database/main.db': database, ...images } = contentsOf(files)
    expect(found).toEqual({ 'database.db': database, ...images })
    expect(snapshot.heading).toEqual(syntheticHeading(shop, 1))
  })

  test('a failure is told with its code, and a cancelled job ends at once', async () => {
    const file = folder.join('no.zip')
    await writeFile(file, 'no zip at all')
    const request = { file, into: await emptyFolder(), write: 'nothing' } as const
    await expect(unpackArchive(request, testJob())).rejects.toMatchObject({ code: 'archive.damaged' })
    const job = testJob()
    const unpacking = unpackArchive({ ...request, file: (await archiveOf([{ files }])).file }, job)
    setTimeout(() => job.cancel(), 20)
    await expect(unpacking).rejects.toMatchObject({ code: 'job.cancelled' })
  })
})

describe('what was changed is refused', () => {
  let file: string
  let bytes: Buffer
  let parts: readonly Packed[]
  beforeEach(async () => {
    file = (await archiveOf([{ files }])).file
    bytes = await readFile(file)
    parts = await packedIn(file)
  })

  async function refusal(changed: readonly Packed[]): Promise<string> {
    return await unpacked(await repacked(changed)).then(
      () => 'accepted',
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    )
  }

  test('a file that was cut anywhere', async () => {
    for (let end = 0; end < bytes.byteLength; end++) {
      await writeFile(file, bytes.subarray(0, end))
      await expect(looked(file), `cut at ${end}`).rejects.toMatchObject({ code: /^archive\./ })
    }
  })

  test('a byte that was flipped here and there', async () => {
    const expected = JSON.stringify(await looked(file))
    for (let at = 0; at < bytes.byteLength; at += 3) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at)
      await writeFile(file, changed)
      const outcome = await looked(file).then(
        (found) => JSON.stringify(found),
        (error: { code?: string }) => error.code,
      )
      expect(['archive.damaged', 'archive.unsafe', expected], `flipped at ${at}`).toContain(outcome)
    }
  })

  test('nothing, when the same entries are packed again', async () => {
    expect(await refusal(parts)).toBe('accepted')
  })

  test.each<[string, (all: readonly Packed[]) => readonly Packed[]]>([
    ['an entry was dropped', (all) => all.toSpliced(1, 1)],
    ['an entry was added', (all) => all.toSpliced(1, 0, { path: 'images/A', bytes: Buffer.from('x') })],
    ['two entries changed places', (all) => all.with(1, all[2] ?? expect.fail()).with(2, all[1] ?? expect.fail())],
    ['an entry has another name', (all) => all.with(1, { ...(all[1] ?? expect.fail()), path: 'images/a2.jpg' })],
    ['an entry has other bytes', (all) => all.with(1, { path: 'images/a.jpg', bytes: syntheticBytes(90, 'other') })],
    ['the signature is missing', (all) => all.slice(0, -1)],
    ['the signature is of something else', (all) => all.with(-1, { ...last(all), bytes: syntheticBytes(64, 'no') })],
    ['the signature is longer', (all) => all.with(-1, { ...last(all), bytes: syntheticBytes(65, 'no') })],
    ['something follows the signature', (all) => [...all, { path: 'z', bytes: Buffer.alloc(1) }]],
    ['there is no manifest', (all) => all.slice(0, -2)],
    ['the manifest is no JSON', (all) => replaced(all, 'manifest.json', Buffer.from('{'))],
    ['the manifest is another JSON', (all) => replaced(all, 'manifest.json', Buffer.from('[]'))],
  ])('an archive in which %s', async (_, change) => {
    expect(await refusal(change(parts))).toMatch(/^archive\.damaged: /)
  })

  test('the manifest of another backup, with its own signature', async () => {
    const other = await packedIn((await archiveOf([{ files, sequence: 2 }])).file)
    expect(await refusal([...parts.slice(0, -2), ...other.slice(-2)])).toBe('accepted') // the same bytes: its label is true
    const changed = { ...files, database: syntheticBytes(600, 'another') }
    const another = await packedIn((await archiveOf([{ files: changed, sequence: 2 }])).file)
    expect(await refusal([...parts.slice(0, -2), ...another.slice(-2)])).toMatch(
      /^archive\.damaged: .*database\/main\.db/,
    )
    expect(await refusal([...another.slice(0, 1), ...parts.slice(1)])).toMatch(
      /^archive\.damaged: .*database\/main\.db/,
    )
  })

  test('a database that was changed, with a manifest that fits it and was not signed again', async () => {
    const database = syntheticBytes(600, 'forged')
    const forged = await forge(parts, (manifest) => withDatabase(manifest, database))
    const changed = replaced(forged, 'database/main.db', database)
    expect(await refusal(changed)).toBe('accepted') // signed by whoever has the key
    expect(await refusal(changed.with(-1, last(parts)))).toMatch(/^archive\.damaged: .*signature/)
  })

  test('a manifest that another shop has signed for this shop', async () => {
    const stranger = syntheticShop('Stranger')
    const { id, publicKey, name } = stranger
    for (const claimed of [id, shop.id]) {
      const mark = { id: claimed, publicKey, name }
      const theirs = await forge(parts, (manifest) => ({ ...manifest, shop: mark }), stranger)
      expect(await refusal(theirs)).toMatch(/^archive\.damaged: .*is of another shop/)
    }
    const all = await forge(
      parts,
      (manifest) => ({
        ...withLabel(manifest, (label) => ({ ...label, shop: { id, publicKey, name } })),
        shop: { id, publicKey, name },
      }),
      stranger,
    )
    const { found } = await unpacked(await repacked(all)) // it is whole, and says whose it is
    expect(found.manifest.shop.publicKey).toBe(publicKey)
    expect(await refusal(await forge(parts, (manifest) => manifest, stranger))).toMatch(/signature/)
  })

  test.each<[string, (manifest: Whole) => Whole, RegExp]>([
    ['a label of other images', (one) => withLabel(one, (label) => ({ ...label, images: undefined })), /images/],
    ['a label of a database of another length', withWrongLength, /not the database of its label/],
    ['a label of another workspace', (one) => withWorkspace(one, 'other'), /database\/other\.db is missing/],
    ['a label that leads out of the archive', (one) => withWorkspace(one, '../x'), /is missing/],
    ['a part in a folder', (one) => withFolder(one, 'main'), /one part/],
    ['two parts', (one) => ({ ...one, parts: [...one.parts, ...one.parts] }), /one part/],
    ['an entry twice', (one) => ({ ...one, entries: [...one.entries, ...one.entries] }), /entries/],
    ['a whole shop without folders', (one) => ({ ...one, holds: 'shop' }), /folder of its workspace/],
    ['a hash that is none', (one) => withEntry(one, { sha256: 'x' }), /sha256/],
    ['a length below nothing', (one) => withEntry(one, { bytes: -1 }), /bytes/],
    [
      'a member that nobody knows',
      (one) => ({ ...one, entries: one.entries.map((e) => ({ ...e, x: 1 })) }),
      /laid out/,
    ],
    ['the settings left out', (one) => ({ ...one, entries: one.entries.slice(0, -1) }), /entries/],
  ])('a manifest with %s, although it is signed', async (_, change, why) => {
    const forged = await forge(parts, change)
    const outcome = await refusal(forged)
    expect(outcome).toMatch(/^archive\.damaged: /)
    expect(outcome).toMatch(why)
  })

  test('a manifest in another layout, or with two meanings', async () => {
    const text = String(parts.at(-2)?.bytes)
    for (const other of [
      text.replace('"kind"', ' "kind"'),
      `${text}\n`,
      text.replace('{"path":"images/a.jpg",', '{"path":"images/a.jpg","path":"images/a.jpg",'),
      `\ufeff${text}`,
    ]) {
      expect(other).not.toBe(text)
      expect(await refusal(signed(parts, Buffer.from(other), shop))).toMatch(/^archive\.damaged: .*manifest/)
    }
  })

  test('a manifest of a later version asks for a later Tillsafe', async () => {
    const text = String(parts.at(-2)?.bytes).replace('"version":1', '"version":2')
    expect(await refusal(signed(parts, Buffer.from(text), shop))).toMatch(/^backup\.label-newer/)
  })

  test('images that are not in order', async () => {
    const swapped = (all: readonly Packed[]) => all.with(1, all[2] ?? expect.fail()).with(2, all[1] ?? expect.fail())
    const forged = await forge(parts, (one) => ({
      ...one,
      entries: one.entries.with(1, one.entries[2] ?? expect.fail()).with(2, one.entries[1] ?? expect.fail()),
    }))
    expect(await refusal(swapped(forged))).toMatch(/^archive\.damaged: .*order/)
  })
})

interface PartOf {
  readonly id?: string
  readonly files: SyntheticFiles
  readonly sequence?: number
}

async function archiveOf(parts: readonly PartOf[]): Promise<{ file: string; outline: ArchiveOutline }> {
  const { signer, ...mark } = shop
  const isShop = parts[0]?.id !== undefined
  const written = writeArchive(
    {
      holds: isShop ? 'shop' : 'workspace',
      shop: mark,
      madeAt: '2026-11-21T10:57:00.000Z',
      tillsafeVersion: '0.1.0',
      settings: Buffer.from('{}\n'),
      ...(isShop ? { registry: Buffer.from('[]\n') } : {}),
      parts: parts.map(({ id = 'main', files: given, sequence = 1 }) => ({
        folder: isShop ? id : '',
        snapshot: syntheticSnapshot(
          syntheticHeading(shop, sequence, isShop ? { workspace: { id, name: id, kind: 'business' } } : {}),
          given,
        ),
      })),
      scratch: folder.path,
    },
    signer,
    testJob(),
  )
  const file = folder.join(`archive ${rooms++}.zip`)
  await writeFile(file, await readAll(written.stream))
  return { file, outline: await written.outline }
}

async function emptyFolder(): Promise<string> {
  const path = folder.join(`into ${rooms++}`)
  await mkdir(path, { mode: 0o700 })
  return path
}

/** Unpacks in this process: the walls have tests of their own. */
async function unpacked(
  file: string,
  task: Partial<UnpackTask> = {},
): Promise<{ into: string; found: ArchiveOutline }> {
  const into = await emptyFolder()
  const found = await unpack(
    { file, into, freeBytes: Number.POSITIVE_INFINITY, write: 'everything', part: undefined, ...task },
    async () => undefined,
  )
  return { into, found }
}

/** Reads all of it, and writes nothing. */
async function looked(file: string): Promise<ArchiveOutline> {
  return await unpack(
    { file, into: folder.path, freeBytes: 0, write: 'nothing', part: undefined },
    async () => undefined,
  )
}

/** A manifest with all its entries: these are few. */
interface Whole extends ArchiveManifest {
  readonly entries: readonly ArchiveEntry[]
}

async function wholeOf(file: Buffer): Promise<Whole> {
  const { manifest, entries } = await openManifest(await bytesContent(file).open())
  return { ...manifest, entries: await Array.fromAsync(entries) }
}

async function manifestIn(into: string): Promise<Whole> {
  return await wholeOf(await readFile(`${into}/${UNPACKED_MANIFEST}`))
}

async function contentOf(into: string): Promise<Record<string, Buffer>> {
  const { entries } = await manifestIn(into)
  const found: Record<string, Buffer> = {}
  for (const [index, { path }] of entries.entries()) {
    found[path] = await readFile(`${into}/${String(index + 1).padStart(6, '0')}`)
  }
  delete found['settings.json']
  return found
}

function contentsOf({ database, images = {} }: SyntheticFiles): Record<string, Buffer> {
  const all = { 'database/main.db': database, ...images }
  return Object.fromEntries(Object.entries(all).map(([path, bytes]) => [path, Buffer.from(bytes)]))
}

interface Packed {
  readonly path: string
  readonly bytes: Buffer
}

async function packedIn(file: string): Promise<Packed[]> {
  await using zip = await ZipReader.open(file, ARCHIVE_LIMITS)
  const all: Packed[] = []
  for await (const item of zip.items()) {
    all.push({ path: item.path, bytes: await readAll(await zip.read(item)) })
  }
  return all
}

async function repacked(all: readonly Packed[]): Promise<string> {
  async function* sources(): AsyncIterable<ZipSource> {
    for (const { path, bytes } of all) {
      yield { path, level: 1, ...bytesContent(bytes) }
    }
  }
  const file = folder.join(`forged ${rooms++}.zip`)
  await writeFile(file, await readAll(writeZip(sources())))
  return file
}

function last(all: readonly Packed[]): Packed {
  return all.at(-1) ?? expect.fail()
}

function replaced(all: readonly Packed[], path: string, bytes: Buffer): readonly Packed[] {
  return all.map((one) => (one.path === path ? { path, bytes } : one))
}

/** What whoever has a key can make: another manifest, signed. */
async function forge(
  all: readonly Packed[],
  change: (manifest: Whole) => Whole,
  by: SyntheticShop = shop,
): Promise<readonly Packed[]> {
  const changed = change(await wholeOf(all.at(-2)?.bytes ?? Buffer.alloc(0)))
  const file = new ManifestFile()
  for (const entry of changed.entries) {
    file.add(entry)
  }
  const text = String(file.finish(changed).bytes)
  const extra = changed.entries.some((entry) => 'x' in entry) ? text.replaceAll('"}', '","x":1}') : text
  return signed(all, Buffer.from(extra), by)
}

function signed(all: readonly Packed[], manifest: Buffer, by: SyntheticShop): readonly Packed[] {
  const signature = Buffer.from(by.signer.sign(manifest), 'base64')
  return replaced(replaced(all, 'manifest.json', manifest), 'manifest.json.sig', signature)
}

function withLabel(manifest: Whole, change: (label: Label) => unknown): Whole {
  return { ...manifest, parts: manifest.parts.map((part) => ({ ...part, label: change(part.label) as Label })) }
}

function withDatabase(manifest: Whole, bytes: Buffer): Whole {
  const sha256 = sha256OfBytes(bytes)
  return withEntry(
    withLabel(manifest, (label) => ({ ...label, database: { ...label.database, sha256 } })),
    { sha256 },
  )
}

function withWrongLength(manifest: Whole): Whole {
  return withLabel(manifest, (label) => ({ ...label, database: { ...label.database, bytes: 601 } }))
}

function withWorkspace(manifest: Whole, id: string): Whole {
  return withLabel(manifest, (label) => ({ ...label, workspace: { ...label.workspace, id } }))
}

function withFolder(manifest: Whole, into: string): Whole {
  return { ...manifest, parts: manifest.parts.map((part) => ({ ...part, folder: into })) }
}

/** Changes the first entry, which is the database. */
function withEntry(manifest: Whole, changes: object): Whole {
  const [first, ...others] = manifest.entries
  return { ...manifest, entries: [{ ...(first ?? expect.fail()), ...changes }, ...others] }
}
