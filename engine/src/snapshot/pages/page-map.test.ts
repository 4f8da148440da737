import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fastHash } from './hash-row.ts'
import { PageMap } from './page-map.ts'

const OWNER = { snapshot: 'ab'.repeat(32), sha256: 'cd'.repeat(32) }

test('a page map comes back as it was', () => {
  fc.assert(
    fc.property(fc.constantFrom(4096, 8192, 65_536), fc.nat(3_000_000), (pageBytes, bytes) => {
      const map = mapOf(pageBytes, bytes)
      const again = PageMap.decode(map.encode(OWNER))
      expect(again).toMatchObject({ pageBytes, bytes, owner: OWNER, pages: map.pages })
      expect(again?.hashes.words).toEqual(map.hashes.words)
    }),
    { numRuns: 50 },
  )
})

test('a page map of no bytes comes back too', () => {
  expect(PageMap.decode(new PageMap(4096, 0).encode(OWNER))).toMatchObject({ bytes: 0, pages: 0 })
})

test('a page map in which a single bit has changed is no page map', () => {
  const file = mapOf(4096, 200_000).encode(OWNER)
  for (let bit = 0; bit < file.byteLength * 8; bit += 1) {
    const broken = Buffer.from(file)
    broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(PageMap.decode(broken)).toBeUndefined()
  }
})

test('a page map cut short or made longer is no page map', () => {
  const file = mapOf(4096, 200_000).encode(OWNER)
  for (let bytes = 0; bytes < file.byteLength; bytes += 1) {
    expect(PageMap.decode(file.subarray(0, bytes))).toBeUndefined()
  }
  expect(PageMap.decode(Buffer.concat([file, Buffer.alloc(8)]))).toBeUndefined()
})

test.each([
  ['a page size of 0', 0, 200_000n],
  ['a page size that is no power of two', 5000, 200_000n],
  ['more bytes than it has hashes for', 4096, 2n ** 60n],
])('a page map that says %s is no page map, though its checksum fits', (_, pageBytes, bytes) => {
  const file = mapOf(4096, 200_000).encode(OWNER)
  file.writeUInt32LE(pageBytes, 72)
  file.writeBigUInt64LE(bytes, 76)
  fastHash(file.subarray(0, -8)).copy(file, file.byteLength - 8)
  expect(PageMap.decode(file)).toBeUndefined()
})

test('garbage is no page map', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => PageMap.decode(bytes) === undefined))
})

function mapOf(pageBytes: number, bytes: number): PageMap {
  const map = new PageMap(pageBytes, bytes)
  map.hashes.words.forEach((_, n, words) => {
    words[n] = Math.imul(n + 1, 2_654_435_761)
  })
  return map
}
