import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Content } from '../content.ts'
import { hashDatabase } from './hash-database.ts'
import { fastHash } from './hash-row.ts'

const { signal } = new AbortController()

test('the hashes are those of its bytes and of each page, whatever chunks it comes in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(60_000),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }),
      fc.constantFrom(4096, 8192),
      async (length, chunks, pageBytes) => {
        const bytes = Buffer.from(Array.from({ length }, (_, n) => Math.imul(n, 2_654_435_761) >>> 13))
        const { sha256, map } = await hashDatabase(contentOf(bytes, chunks), pageBytes, signal)
        expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
        expect([map.pages, map.bytes]).toEqual([Math.ceil(length / pageBytes), length])
        for (let page = 0; page < map.pages; page += 1) {
          const hash = fastHash(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))
          expect(Buffer.from(map.hashes.words.buffer, 8 * page, 8).equals(hash)).toBe(true)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test.each([-5000, -1, 1, 5000])('a database that is %i bytes longer than it says is an error', async (more) => {
  const content = { ...contentOf(Buffer.alloc(20_000 + more), [4096]), bytes: 20_000 }
  await expect(hashDatabase(content, 4096, signal)).rejects.toMatchObject({ code: 'source.unreadable' })
})

test('it ends when it is cancelled', async () => {
  const content = contentOf(Buffer.alloc(20_000), [4096])
  await expect(hashDatabase(content, 4096, AbortSignal.abort())).rejects.toMatchObject({ code: 'job.cancelled' })
})

/** Chunks of these lengths, again and again, each in the same memory. */
function contentOf(bytes: Buffer, lengths: readonly number[]): Content {
  return {
    bytes: bytes.byteLength,
    open: async () =>
      (async function* () {
        const memory = Buffer.alloc(Math.max(...lengths))
        for (let at = 0, n = 0; at < bytes.byteLength; n += 1) {
          const length = bytes.copy(memory, 0, at, at + (lengths[n % lengths.length] ?? 1))
          yield memory.subarray(0, length)
          at += length
        }
      })(),
  }
}
