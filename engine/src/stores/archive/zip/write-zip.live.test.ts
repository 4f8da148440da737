import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../../tools/needs.ts'
import { writeZip, type ZipSource } from './write-zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-zip-live-'))
afterAll(() => rmSync(folder, { recursive: true }))

const files = [
  { path: 'database/shop.db', content: Buffer.alloc(700_000, 'a page of a database '), level: 1 },
  { path: 'images/É/店 😀.png', content: Buffer.from('stored'), level: 0 },
  { path: 'images/empty', content: Buffer.alloc(0), level: 1 },
  { path: 'images/none', content: Buffer.alloc(0), level: 0 },
] as const

describe.skipIf(needs('unzip'))('Info-ZIP', () => {
  test.each([
    ['with known sizes', true],
    ['with sizes of 64 bits', false],
  ])('finds a ZIP %s whole and unpacks it, readable for everybody', async (name, saysBytes) => {
    const zip = join(folder, `${name}.zip`)
    await write(
      zip,
      files.map(({ path, content, level }) => sourceOf(path, content, level, saysBytes)),
    )
    expect(run('unzip', '-tq', zip)).toMatch(/^No errors detected/)
    run('unzip', '-q', zip, '-d', join(folder, name))
    expect(files.map(({ path }) => readFileSync(join(folder, name, path)))).toEqual(files.map(({ content }) => content))
    expect(run('unzip', '-Zs', zip)).toMatch(/-rw-r--r-- .* images\/none/)
  })

  test('finds a ZIP of more files than 16 bits can count whole', async () => {
    const zip = join(folder, 'many.zip')
    await write(
      zip,
      Array.from({ length: 70_000 }, (_, i) => sourceOf(`images/${i}`, Buffer.of(1), 0, true)),
    )
    expect(run('unzip', '-tq', zip)).toMatch(/^No errors detected/)
  })
})

function sourceOf(path: string, content: Buffer, level: number, saysBytes: boolean): ZipSource {
  async function* once(): AsyncIterable<Uint8Array> {
    yield content
  }
  return { path, level, ...(saysBytes ? { bytes: content.byteLength } : {}), open: async () => once() }
}

async function write(path: string, sources: readonly ZipSource[]): Promise<void> {
  async function* each(): AsyncIterable<ZipSource> {
    yield* sources
  }
  await pipeline(writeZip(each()), createWriteStream(path))
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}
