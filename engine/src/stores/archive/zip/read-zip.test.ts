import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ZipReader } from './read-zip.ts'
import { writeZip, type ZipSource } from './write-zip.ts'
import type { ZipItem } from './zip-item.ts'
import { ARCHIVE_LIMITS, type ZipLimits } from './zip-limits.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-unzip-'))
const file = join(folder, 'archive.zip')
afterAll(() => rmSync(folder, { recursive: true }))

const TEA = Buffer.from('a picture of tea '.repeat(9))
const small = await zipOf([
  { path: 'images/tea.jpg', content: TEA, level: 1 },
  { path: 'images/bread.jpg', content: Buffer.from('bread'), level: 0 },
  { path: 'images/unknown', content: Buffer.from('of unknown length'), level: 1, saysBytes: false },
])
const zeros = Buffer.alloc(3_000_000)

describe('reading a ZIP', () => {
  test('refuses it when any one bit is another, but for those that fill up the last byte of deflate', async () => {
    expect(await codeOf(small)).toBe('read')
    const read: number[] = []
    for (let at = 0; at < small.byteLength; at++) {
      const mutant = Buffer.from(small)
      mutant.writeUInt8(mutant.readUInt8(at) ^ (1 << (at % 8)), at)
      const code = await codeOf(mutant)
      expect([at, code]).toEqual([at, expect.stringMatching(/^(archive\.damaged|archive\.unsafe|read)$/)])
      if (code === 'read') {
        read.push(at)
        expect(await contentsOf(mutant)).toEqual(await contentsOf(small))
      }
    }
    expect(read.length).toBeLessThanOrEqual(2) // two of its files are deflated
  })

  test('calls it damaged wherever it is cut', async () => {
    for (let bytes = 0; bytes < small.byteLength; bytes++) {
      expect([bytes, await codeOf(small.subarray(0, bytes))]).toEqual([bytes, 'archive.damaged'])
    }
  })

  test('gives the same bytes again and again, and of several files at once', async () => {
    writeFileSync(file, small)
    await using reader = await ZipReader.open(file, ARCHIVE_LIMITS)
    const twice = [...(await Array.fromAsync(reader.items())), ...(await Array.fromAsync(reader.items()))]
    const all = await Promise.all(twice.map(async (item) => await read(reader, item)))
    expect(all.map(String)).toEqual(['tea', 'tea'].flatMap(() => [String(TEA), 'bread', 'of unknown length']))
  })

  test('can be given up half-way', async () => {
    writeFileSync(file, await zipOf([{ path: 'zeros', content: zeros, level: 1 }]))
    await using reader = await ZipReader.open(file, ARCHIVE_LIMITS)
    for await (const item of reader.items()) {
      for await (const _ of await reader.read(item)) {
        break
      }
      expect((await read(reader, item)).equals(zeros)).toBe(true)
    }
  })
})

describe('a limit', () => {
  test.each([
    ['of files', { entries: 2 }, { entries: 3 }],
    ['of bytes in all', { totalBytes: 174 }, { totalBytes: 175 }],
    ['of growth', { ratio: 5 }, { ratio: 7 }],
  ])('%s is kept before anything is unpacked', async (_, tooLow, enough) => {
    writeFileSync(file, small)
    const open = (limits: Partial<ZipLimits>) => ZipReader.open(file, { ...ARCHIVE_LIMITS, ...limits })
    await expect(open(tooLow)).rejects.toMatchObject({ code: 'archive.unsafe' })
    await using reader = await open(enough)
    expect(reader.count).toBe(3)
  })

  test('never refuses what honestly shrinks as much as anything can', async () => {
    expect(await codeOf(await zipOf([{ path: 'zeros', content: zeros, level: 9 }]))).toBe('read')
  })
})

interface File {
  readonly path: string
  readonly content: Buffer
  readonly level: number
  readonly saysBytes?: boolean
}

async function zipOf(files: readonly File[]): Promise<Buffer> {
  async function* sources(): AsyncIterable<ZipSource> {
    for (const { path, content, level, saysBytes = true } of files) {
      yield { path, level, ...(saysBytes ? { bytes: content.byteLength } : {}), open: async () => once(content) }
    }
  }
  return Buffer.concat(await Array.fromAsync(writeZip(sources())))
}

async function* once(content: Buffer): AsyncIterable<Uint8Array> {
  yield content
}

/** What reading it to the end comes to. */
async function codeOf(bytes: Buffer): Promise<unknown> {
  writeFileSync(file, bytes)
  try {
    await using reader = await ZipReader.open(file, ARCHIVE_LIMITS)
    for await (const item of reader.items()) {
      await read(reader, item)
    }
    return 'read'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

async function contentsOf(bytes: Buffer): Promise<string[]> {
  writeFileSync(file, bytes)
  await using reader = await ZipReader.open(file, ARCHIVE_LIMITS)
  return await Array.fromAsync(reader.items(), async (item) => (await read(reader, item)).toString('latin1'))
}

async function read(reader: ZipReader, item: ZipItem): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(await reader.read(item), (chunk) => Buffer.from(chunk)))
}
