import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ZipReader } from './read-zip.ts'
import { writeZip, type ZipSource } from './write-zip.ts'
import { ARCHIVE_LIMITS } from './zip-limits.ts'
import { ZipNames } from './zip-names.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-zip-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface File {
  readonly path: string
  readonly content: Buffer
  readonly level: number
  readonly modifiedMs?: number
}

const path = fc
  .oneof(
    fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom('images', 'a', 'É', 'E\u0301', '店', '😀.png', '%2e', 'ß', 'con1'), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map((names) => names.join('/'))

const content = fc
  .tuple(fc.constantFrom(0, 1, 2, 65_535, 65_536, 65_537, 262_143, 262_145, 700_000), fc.boolean(), fc.nat())
  .map(([bytes, isEven, seed]) => (isEven ? Buffer.alloc(bytes, seed % 256) : noise(bytes, seed)))

const file: fc.Arbitrary<File> = fc.record(
  { path, content, level: fc.constantFrom(0, 1, 6, 9), modifiedMs: fc.integer({ min: -(10 ** 13), max: 10 ** 13 }) },
  { requiredKeys: ['path', 'content', 'level'] },
)

/** Files that an archive can hold beside each other. */
const files = fc.array(file, { maxLength: 6 }).map((all) => {
  const names = new ZipNames()
  return all.filter((one) => names.add(one.path) === undefined)
})

const two: readonly File[] = [
  { path: 'database/shop.db', content: noise(300_000, 7), level: 1, modifiedMs: Date.UTC(2026, 4, 31, 2, 30) },
  { path: 'images/tea.jpg', content: noise(5000, 8), level: 0, modifiedMs: Date.UTC(2026, 2, 29, 2, 30) },
]

describe('a ZIP', () => {
  test('gives back what went in, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(777, 65_536, 1_000_000), fc.boolean(), async (all, chunk, saysBytes) => {
        const archive = await zipOf(all.map((one) => sourceOf(one, chunk, saysBytes)))
        expect(await unzipped(archive)).toEqual(all.map(({ path, content }) => ({ path, content })))
      }),
      { numRuns: 40 },
    )
  })

  test('is the same to the byte for the same files, however their bytes arrive, wherever the machine stands', async () => {
    const zone = process.env['TZ']
    const made: string[] = []
    for (const [TZ, chunk] of [
      ['UTC', 100_000],
      ['America/New_York', 777],
      ['Europe/Paris', 1_000_000],
      ['Pacific/Kiritimati', 65_536],
    ] as const) {
      process.env['TZ'] = TZ
      made.push((await zipOf(two.map((one) => sourceOf(one, chunk)))).toString('latin1'))
    }
    process.env['TZ'] = zone ?? ''
    expect(new Set(made).size).toBe(1)
  })

  test('may hold more files than 16 bits can count', async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => ({
      path: `images/${i}`,
      content: Buffer.of(i & 255),
      level: 0,
    }))
    const archive = await zipOf(many.map((one) => sourceOf(one, 10)))
    expect(archive.readUInt16LE(archive.byteLength - 12)).toBe(0xffff)
    writeFileSync(join(folder, 'many.zip'), archive)
    await using reader = await ZipReader.open(join(folder, 'many.zip'), ARCHIVE_LIMITS)
    expect(reader.count).toBe(70_000)
    const last = reader.lastTwo[1]
    expect(last?.path).toBe('images/69999')
    expect(last && (await Array.fromAsync(await reader.read(last), (chunk) => chunk[0]))).toEqual([69_999 & 255])
  })

  test('asks for a file once the one before has been read whole', async () => {
    const heard: string[] = []
    async function* sources(): AsyncIterable<ZipSource> {
      for (const one of two) {
        heard.push(`asked for ${one.path}`)
        yield { ...sourceOf(one, 1000), open: async () => watched(one) }
      }
    }
    async function* watched(one: File): AsyncIterable<Uint8Array> {
      yield one.content
      heard.push(`read ${one.path}`)
    }
    await Array.fromAsync(writeZip(sources()))
    expect(heard).toEqual(two.flatMap(({ path }) => [`asked for ${path}`, `read ${path}`]))
  })
})

describe('no ZIP is made', () => {
  test.each([0, 1])('of a file that has another length than it said, at level %d', async (level) => {
    for (const content of [noise(10, 1), noise(300_000, 1)]) {
      for (const off of [-1, 1]) {
        const source = { ...sourceOf({ path: 'a', content, level }, 4096), bytes: content.byteLength + off }
        await expect(zipOf([source])).rejects.toMatchObject({ code: 'archive.damaged' })
      }
    }
  })

  test.each([
    ['../a', []],
    ['/a', []],
    ['nul', []],
    ['a\ud800', []],
    ['a', ['a']],
    ['Tea.jpg', ['tea.JPG']],
    ['\u00e9', ['e\u0301']],
    ['a', ['a/b']],
    ['a/b', ['a']],
  ])('with the name %j beside %j', async (name, others) => {
    const all = [...others, name].map((path) => sourceOf({ path, content: Buffer.of(1), level: 0 }, 10))
    await expect(zipOf(all)).rejects.toMatchObject({ code: 'archive.unsafe' })
  })

  test.each([0, 1])('when a file fails: its own error comes out, at level %d', async (level) => {
    async function* failing(): AsyncIterable<Uint8Array> {
      yield noise(300_000, 3)
      throw new Error('the disk is gone')
    }
    await expect(zipOf([{ path: 'a', level, open: async () => failing() }])).rejects.toThrow('the disk is gone')
  })

  test.each([0, 1])('when nobody wants it any more: every file is put away, at level %d', async (level) => {
    const heard: string[] = []
    async function* endless(): AsyncIterable<Uint8Array> {
      try {
        for (let i = 0; ; i++) {
          yield noise(100_000, i)
        }
      } finally {
        heard.push('file closed')
      }
    }
    async function* sources(): AsyncIterable<ZipSource> {
      try {
        yield { path: 'a', level, open: async () => endless() }
      } finally {
        heard.push('sources closed')
      }
    }
    for await (const _ of writeZip(sources())) {
      break
    }
    expect(heard).toEqual(['file closed', 'sources closed'])
  })
})

function sourceOf({ path, content, level, modifiedMs }: File, chunkBytes: number, saysBytes = true): ZipSource {
  const said = saysBytes ? { bytes: content.byteLength } : {}
  return { path, level, modifiedMs, ...said, open: async () => inReusedBuffer(content, chunkBytes) }
}

/** As contents give them: a chunk is valid until the next one is asked for. */
async function* inReusedBuffer(content: Buffer, chunkBytes: number): AsyncIterable<Uint8Array> {
  const buffer = Buffer.alloc(chunkBytes)
  for (let start = 0; start < content.byteLength; start += chunkBytes) {
    yield buffer.subarray(0, content.copy(buffer, 0, start, start + chunkBytes))
    buffer.fill(0xee)
  }
}

async function zipOf(sources: readonly ZipSource[]): Promise<Buffer> {
  async function* each(): AsyncIterable<ZipSource> {
    yield* sources
  }
  return Buffer.concat(await Array.fromAsync(writeZip(each())))
}

async function unzipped(bytes: Buffer): Promise<{ path: string; content: Buffer }[]> {
  const archive = join(folder, 'there-and-back.zip')
  writeFileSync(archive, bytes)
  await using reader = await ZipReader.open(archive, ARCHIVE_LIMITS)
  const found: { path: string; content: Buffer }[] = []
  for await (const item of reader.items()) {
    const chunks = await Array.fromAsync(await reader.read(item), (chunk) => Buffer.from(chunk))
    found.push({ path: item.path, content: Buffer.concat(chunks) })
  }
  return found
}

function noise(bytes: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  let state = seed >>> 0
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return Buffer.from(words.buffer).subarray(0, bytes)
}
