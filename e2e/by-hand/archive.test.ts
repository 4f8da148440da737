import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readAll } from '../../engine/src/snapshot/bytes-content.ts'
import { writeArchive } from '../../engine/src/stores/archive/write-archive.ts'
import { ZipReader } from '../../engine/src/stores/archive/zip/read-zip.ts'
import { writeZip, type ZipSource } from '../../engine/src/stores/archive/zip/write-zip.ts'
import { ARCHIVE_LIMITS } from '../../engine/src/stores/archive/zip/zip-limits.ts'
import {
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../engine/src/testing/synthetic-snapshot.ts'
import { testJob } from '../../engine/src/testing/test-job.ts'
import { sealed } from '../../engine/src/work/age/seal.ts'
import { TemporaryFolder } from '../../engine/src/work/temporary-folder.ts'
import { needs } from '../../tools/needs.ts'

const PAGE = join(import.meta.dirname, '../../docs/format/archive.md')
const SCRIPT = join(import.meta.dirname, 'open-archive.sh')

const shop = syntheticShop('Café « Été », "publicKey":"x"')
const images = {
  'images/drinks/tea.JPG': syntheticBytes(90, 'tea'),
  'images/ Crème brûlée (2) [1].webp': syntheticBytes(5000, 'crème'),
  'images/店/😀.svg': Buffer.from('<svg/>'.repeat(100)),
  'images/-rf': syntheticBytes(7, 'dash'),
  'images/none': Buffer.alloc(0),
}

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-by-hand-')
})
afterEach(async () => await folder[Symbol.asyncDispose]())

test('the script does what the page docs/format/archive.md says', () => {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)
  const script = readFileSync(SCRIPT, 'utf8')
  expect(script.slice(script.indexOf('\n\n') + 2)).toBe([...blocks].map((block) => block[1]).join('\n'))
})

describe.skipIf(needs('unzip', 'openssl', 'sqlite3'))('the page docs/format/archive.md', () => {
  test('opens an archive of one workspace', async () => {
    const { status, output } = follow(await archiveFile(['']))
    expect(output).toContain('Signature Verified Successfully')
    expect(output).toContain(`signed with the key ${shop.publicKey}\n`)
    expect(status, output).toBe(0)
    expect(readFileSync(folder.join('room/opened/files/database/main.db'))).toEqual(databaseOf('main'))
    for (const [path, bytes] of Object.entries(images)) {
      expect(readFileSync(folder.join(`room/opened/files/${path}`))).toEqual(Buffer.from(bytes))
    }
  })

  test('opens an archive of a whole shop', async () => {
    const { status, output } = follow(await archiveFile(['main', 'cellar']))
    expect(status, output).toBe(0)
    for (const id of ['main', 'cellar']) {
      expect(readFileSync(folder.join(`room/opened/files/${id}/database/${id}.db`))).toEqual(databaseOf(id))
    }
    expect(readFileSync(folder.join('room/opened/files/workspaces.json'), 'utf8')).toBe('[]\n')
  })

  test.skipIf(needs('age'))('opens an encrypted archive', async () => {
    const identity = folder.join('key.txt')
    spawnSync('age-keygen', ['-o', identity], { stdio: 'ignore' })
    const recipient = /age1\w+/.exec(readFileSync(identity, 'utf8'))?.[0] ?? ''
    const plain = readFileSync(await archiveFile(['']))
    const file = folder.join('archive.zip.age')
    const lock = { kind: 'recipients', recipients: [recipient] } as const
    writeFileSync(file, await readAll(sealed(one(plain), lock)))
    const { status, output } = follow(file, identity)
    expect(status, output).toBe(0)
  })

  test('stops at a changed byte of any entry, of the manifest and of the signature', async () => {
    const file = await archiveFile([''])
    const bytes = readFileSync(file)
    for (const { path, start, end } of await placesIn(file)) {
      const changed = withAnotherByte(bytes, start, end)
      expect(follow(writing('changed.zip', changed)).status, path).not.toBe(0)
    }
  })

  test('stops at an entry, a manifest or a signature that was replaced in a ZIP that is whole', async () => {
    const file = await archiveFile([''])
    const entries = await contentsOf(file)
    expect(follow(await repacked(entries)).status).toBe(0) // the check can fail
    for (const [index, { path, bytes }] of entries.entries()) {
      const changed = Buffer.concat([bytes, Buffer.from(' ')])
      const others = entries.with(index, { path, bytes: changed })
      expect(follow(await repacked(others)).status, path).not.toBe(0)
      if (path.startsWith('images/')) {
        expect(follow(await repacked(entries.toSpliced(index, 1))).status, `without ${path}`).not.toBe(0)
      }
    }
    const more = entries.toSpliced(1, 0, { path: 'images/a', bytes: Buffer.from('x') })
    expect(follow(await repacked(more)).status, 'one more').not.toBe(0)
    expect(readdirSync(folder.join('room/opened'))).not.toContain('files')
  })
})

/** Runs the script in a new folder, with nothing but the tools of the system. */
function follow(archive: string, identity?: string): { status: number | null; output: string } {
  spawnSync('rm', ['-rf', folder.join('room')])
  mkdirSync(folder.join('room'))
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, archive, ...(identity === undefined ? [] : [identity])], {
    cwd: folder.join('room'),
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

/** An archive of one workspace, or of a whole shop with a folder for each. */
async function archiveFile(folders: readonly string[]): Promise<string> {
  const { signer, ...mark } = shop
  const parts = folders.map((part, index) => {
    const id = part === '' ? 'main' : part
    const heading = syntheticHeading(shop, index + 1, { workspace: { id, name: id, kind: 'business' } })
    return { folder: part, snapshot: syntheticSnapshot(heading, { database: databaseOf(id), images }) }
  })
  const { stream } = writeArchive(
    {
      holds: folders[0] === '' ? 'workspace' : 'shop',
      shop: mark,
      madeAt: '2026-11-21T10:57:00.000Z',
      tillsafeVersion: '0.1.0',
      settings: Buffer.from('{"kind":"tillsafe.settings"}\n'),
      ...(folders[0] === '' ? {} : { registry: Buffer.from('[]\n') }),
      parts,
      scratch: folder.path,
    },
    signer,
    testJob(),
  )
  return writing('archive.zip', await readAll(stream))
}

function databaseOf(id: string): Buffer {
  const database = new DatabaseSync(':memory:')
  const file = folder.join(`${id}.db`)
  spawnSync('rm', ['-f', file])
  database.exec(`CREATE TABLE ticket (id INTEGER PRIMARY KEY, label TEXT);
    INSERT INTO ticket (label) VALUES ('été'), ('${id}'); VACUUM INTO '${file}'`)
  database.close()
  return readFileSync(file)
}

function writing(name: string, bytes: Uint8Array): string {
  const file = folder.join(name)
  writeFileSync(file, bytes)
  return file
}

interface PackedEntry {
  readonly path: string
  readonly bytes: Buffer
}

async function contentsOf(file: string): Promise<PackedEntry[]> {
  await using zip = await ZipReader.open(file, ARCHIVE_LIMITS)
  const entries: PackedEntry[] = []
  for await (const item of zip.items()) {
    entries.push({ path: item.path, bytes: await readAll(await zip.read(item)) })
  }
  return entries
}

async function repacked(entries: readonly PackedEntry[]): Promise<string> {
  async function* sources(): AsyncIterable<ZipSource> {
    for (const { path, bytes } of entries) {
      yield { path, level: 1, bytes: bytes.byteLength, open: async () => one(bytes) }
    }
  }
  return writing('repacked.zip', await readAll(writeZip(sources())))
}

/** Where the bytes of each entry that has any lie in the file: found with the local headers (APPNOTE 4.3.7). */
async function placesIn(file: string): Promise<{ path: string; start: number; end: number }[]> {
  await using zip = await ZipReader.open(file, ARCHIVE_LIMITS)
  const bytes = readFileSync(file)
  return (await Array.fromAsync(zip.items()))
    .filter((item) => item.bytes > 0)
    .map(({ path, compressedBytes }) => {
      const name = bytes.indexOf(path)
      const start = name + Buffer.byteLength(path) + bytes.readUInt16LE(name - 2)
      return { path, start, end: start + compressedBytes }
    })
}

/** Changes a bit that matters: within a run of equal bytes, deflate has several ways to say the same. */
function withAnotherByte(bytes: Buffer, start: number, end: number): Buffer {
  const plain = unpacked(bytes.subarray(start, end))
  for (let at = Math.floor((start + end) / 2); at < end; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    if (plain === undefined || !unpacked(changed.subarray(start, end))?.equals(plain)) {
      return changed
    }
  }
  throw new Error('no byte of it matters')
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(bytes)
  } catch {
    return undefined
  }
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
