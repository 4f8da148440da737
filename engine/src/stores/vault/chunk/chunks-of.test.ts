import { createCipheriv, hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunksOf } from './chunks-of.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** Of a repository that stock restic made. */
const POLYNOMIAL = 0x2523924c286549n

describe('a stream cut by its content', () => {
  test('has the chunks that restic 0.14 has cut from it, with its polynomial', async () => {
    const chunks = await all(inPieces(random, [MIB]))
    expect(chunks.map((chunk) => [chunk.byteLength, hash('sha256', chunk).slice(0, 8)])).toEqual([
      [574_811, 'f4c51c63'],
      [3_190_378, '95c207a2'],
      [2_746_150, '6aef980f'],
      [702_706, '9a0063c3'],
      [1_938_432, '3790c85f'],
      [751_726, '5b92dc15'],
      [1_035_418, '2882055f'],
      [1_638_712, '14331b0a'],
      [1_508_026, '93d636bd'],
      [2_307_212, '33e51318'],
      [383_645, '1a7a90bd'],
    ])
  })

  test('has the same chunks in whatever pieces it arrives', async () => {
    const some = random.subarray(0, 5 * MIB)
    const expected = sizesOf(await all(inPieces(some, [some.byteLength])))
    const pieces = fc.array(fc.integer({ min: 0, max: 2 * MIB }), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        expect(sizesOf(await all(inPieces(some, [...sizes, 300_000])))).toEqual(expected)
      }),
      { numRuns: 8 },
    )
    expect(sizesOf(await all(inPieces(some, [977])))).toEqual(expected)
  })

  test('keeps its chunks but for those near a byte that was put in or taken out', async () => {
    const before = await all(inPieces(random, [MIB]))
    const inserted = Buffer.concat([random.subarray(0, 8 * MIB), Buffer.of(7), random.subarray(8 * MIB)])
    const removed = Buffer.concat([random.subarray(0, 8 * MIB), random.subarray(8 * MIB + 1)])
    for (const changed of [inserted, removed]) {
      const known = new Set(before.map((chunk) => hash('sha256', chunk)))
      const after = await all(inPieces(changed, [MIB]))
      expect(Buffer.concat(after).equals(changed)).toBe(true)
      expect(after.filter((chunk) => !known.has(hash('sha256', chunk))).length).toBeLessThanOrEqual(2)
    }
  })

  test('has no chunk when it is empty', async () => {
    expect(await all(inPieces(Buffer.alloc(0), [1]))).toEqual([])
    expect(await all(inOrder([Buffer.alloc(0), Buffer.alloc(0)]))).toEqual([])
  })

  test('is cut at the smallest size where it is all zeros, at the largest where no cut comes', async () => {
    const sizes = async (bytes: Buffer) => sizesOf(await all(inPieces(bytes, [MIB])))
    expect(await sizes(Buffer.alloc(MIB + 1))).toEqual([512 * KIB, 512 * KIB, 1])
    expect(await sizes(Buffer.alloc(512 * KIB))).toEqual([512 * KIB])
    expect(await sizes(Buffer.alloc(8 * MIB, 1))).toEqual([8 * MIB])
    expect(await sizes(Buffer.alloc(8 * MIB + 1, 1))).toEqual([8 * MIB, 1])
    expect(await sizes(Buffer.alloc(16 * MIB - 1, 1))).toEqual([8 * MIB, 8 * MIB - 1])
  })

  test('gives chunks that stay what they are, where the stream uses its memory again', async () => {
    const chunks = await all(inOneBuffer(random, 64 * KIB))
    expect(Buffer.concat(chunks).equals(random)).toBe(true)
    expect(new Set(chunks.map((chunk) => chunk.buffer)).size).toBe(chunks.length)
    expect(chunks.every((chunk) => chunk.buffer.byteLength === chunk.byteLength)).toBe(true)
  })

  test('is read no further than what was asked for, and closed when nobody asks any more', async () => {
    let read = 0
    let isClosed = false
    async function* endless(): AsyncIterable<Uint8Array> {
      try {
        for (;;) {
          read += 1
          yield random.subarray(0, 4 * MIB)
        }
      } finally {
        isClosed = true
      }
    }
    for await (const chunk of chunksOf(endless(), POLYNOMIAL)) {
      expect(chunk.byteLength).toBe(574_811)
      break
    }
    expect({ read, isClosed }).toEqual({ read: 1, isClosed: true })
  })

  test('fails as its source fails, and makes no last chunk of what had arrived', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield random.subarray(0, 100)
      throw new Error('the disk is gone')
    }
    const chunks: Buffer[] = []
    const read = async () => {
      for await (const chunk of chunksOf(broken(), POLYNOMIAL)) {
        chunks.push(chunk)
      }
    }
    await expect(read()).rejects.toThrow('the disk is gone')
    expect(chunks).toEqual([])
  })
})

const random = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(16 * MIB))

function all(stream: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  return Array.fromAsync(chunksOf(stream, POLYNOMIAL))
}

function sizesOf(chunks: readonly Buffer[]): readonly number[] {
  return chunks.map((chunk) => chunk.byteLength)
}

/** Pieces of the given sizes, the last size again and again. */
async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let start = 0
  for (let n = 0; start < bytes.byteLength; n += 1) {
    const size = sizes[Math.min(n, sizes.length - 1)] ?? 1
    yield bytes.subarray(start, start + size)
    start += size
  }
}

async function* inOrder(pieces: readonly Buffer[]): AsyncIterable<Uint8Array> {
  yield* pieces
}

async function* inOneBuffer(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  const shared = Buffer.alloc(size)
  for (let start = 0; start < bytes.byteLength; start += size) {
    yield shared.subarray(0, bytes.copy(shared, 0, start, start + size))
  }
}
