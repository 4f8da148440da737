import { createCipheriv, hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../../tools/needs.ts'
import { type ResticRepository, restic, resticJson } from '../../../../../tools/stock-restic.ts'
import { chunksOf } from './chunks-of.ts'
import { polynomialFromHex } from './polynomial.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SIZES = [0, 1, 63, 64, 512 * KIB - 64, 512 * KIB - 1, 512 * KIB, 512 * KIB + 1, 8 * MIB - 1, 8 * MIB].concat(
  8 * MIB + 1,
  16 * MIB,
  16 * MIB + 512 * KIB + 1,
  20 * MIB,
)
const KINDS: Readonly<Record<string, (size: number) => Buffer>> = {
  random: (size) =>
    createCipheriv('aes-128-ctr', Buffer.alloc(16, size & 0xff), Buffer.alloc(16)).update(Buffer.alloc(size)),
  text: (size) => Buffer.from(lines(size)).subarray(0, size),
  zeros: (size) => Buffer.alloc(size),
  ones: (size) => Buffer.alloc(size, 0xff),
}
const FILES = Object.entries(KINDS).flatMap(([kind, make]) =>
  SIZES.map((size) => ({ name: `${kind}-${size}`, make: () => make(size) })),
)

describe.skipIf(needs('restic'))('a stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-chunks-'))
  const repository: ResticRepository = { folder: join(folder, 'repository'), password: 'secret' }
  let blobs: ReadonlyMap<string, readonly string[]>
  let polynomial: bigint

  beforeAll(async () => {
    const files = join(folder, 'files')
    mkdirSync(files)
    for (const { name, make } of FILES) {
      writeFileSync(join(files, name), make())
    }
    await restic(repository, ['init', '--repository-version', '2'])
    await restic(repository, ['backup', '.'], { cwd: files })
    blobs = await blobsOfFiles(repository)
    const config = (await resticJson(repository, ['cat', 'config'])) as { chunker_polynomial: string }
    polynomial = polynomialFromHex(config.chunker_polynomial) ?? 0n
  }, 300_000)

  afterAll(() => rmSync(folder, { recursive: true }))

  test('is of a polynomial that we accept', () => expect(polynomial).not.toBe(0n))

  test.each(FILES)('is cut into the chunks that restic has cut: $name', async ({ name, make }) => {
    const ours: string[] = []
    for await (const chunk of chunksOf(inPieces(make(), 100_003), polynomial)) {
      ours.push(hash('sha256', chunk))
    }
    expect(ours).toEqual(blobs.get(name))
  })
})

async function blobsOfFiles(repository: ResticRepository): Promise<ReadonlyMap<string, readonly string[]>> {
  const [snapshot] = (await resticJson(repository, ['snapshots', '--json'])) as readonly { tree: string }[]
  const tree = (await resticJson(repository, ['cat', 'blob', snapshot?.tree ?? ''])) as {
    nodes: readonly { name: string; content: readonly string[] }[]
  }
  return new Map(tree.nodes.map(({ name, content }) => [name, content]))
}

function lines(size: number): string {
  const count = Math.ceil(size / 20)
  return Array.from({ length: count }, (_, n) => `${n};${(n * n) % 9973};coffee and cake\n`).join('')
}

async function* inPieces(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) {
    yield bytes.subarray(start, start + size)
  }
}
