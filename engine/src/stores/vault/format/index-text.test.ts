import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeIndex, encodeIndex, type IndexedPack, packsOf } from './index-file.ts'
import { readIndexText } from './index-text.ts'

const length = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 31, 2 ** 32 - 1), fc.nat())
const packs: fc.Arbitrary<IndexedPack[]> = fc.array(
  fc.record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((id) => Buffer.from(id).toString('hex')),
    blobs: fc.array(
      fc.record({
        id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((id) => Buffer.from(id)),
        type: fc.constantFrom('data' as const, 'tree' as const),
        offset: length,
        length,
        uncompressedLength: fc.option(
          length.filter((one) => one > 0),
          { nil: undefined },
        ),
      }),
      { maxLength: 5 },
    ),
  }),
  { maxLength: 5 },
)

describe('the text of an index', () => {
  it('says what it was made of', () => {
    fc.assert(
      fc.property(packs, (made) => {
        const read = readIndexText(encodeIndex(made))
        expect(read && [...packsOf(read)]).toEqual(made)
      }),
    )
  })

  it('says the same written in another way', () => {
    fc.assert(
      fc.property(packs, (made) => {
        const parsed = JSON.parse(encodeIndex(made).toString()) as object
        const spaced = Buffer.from(JSON.stringify({ supersedes: [], ...parsed }, undefined, 1))
        expect(readIndexText(spaced)).toBeUndefined()
        expect([...packsOf(decodeIndex(spaced))]).toEqual(made)
      }),
    )
  })

  it('with any byte changed or left out is understood as JSON understands it, or left to it', () => {
    const text = encodeIndex([
      { id: randomBytes(32).toString('hex'), blobs: [] },
      {
        id: randomBytes(32).toString('hex'),
        blobs: [
          { id: randomBytes(32), type: 'data', offset: 0, length: 100, uncompressedLength: 4096 },
          { id: randomBytes(32), type: 'tree', offset: 100, length: 2 ** 32 - 1 },
        ],
      },
    ])
    const others = [...'0129aAgG"\\{}[],:.-e \n\0'].map((character) => character.charCodeAt(0))
    for (let at = 0; at <= text.byteLength; at += 1) {
      const [before, behind] = [text.subarray(0, at), text.subarray(at + 1)]
      const changed = others.flatMap((other) => [
        Buffer.concat([before, Buffer.of(other), behind]),
        Buffer.concat([before, Buffer.of(other), text.subarray(at)]),
      ])
      for (const one of [...changed, Buffer.concat([before, behind]), before]) {
        const read = readIndexText(one)
        expect(read === undefined || JSON.stringify([...packsOf(read)]) === asJson(one)).toBe(true)
      }
    }
  })

  it.each(['', '{', '{"packs":[', '{"packs":[]', '{"packs":[]}}', '{"packs":[]}\n', '{"packs":null}', '[]'])(
    'is left to JSON when it is %j',
    (text) => {
      expect(readIndexText(Buffer.from(text))).toBeUndefined()
    },
  )
})

/** What JSON says of such a text; undefined when it is none, or no index. */
function asJson(text: Buffer): string | undefined {
  try {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(text.toString()), undefined, 1))
    return JSON.stringify([...packsOf(decodeIndex(spaced))])
  } catch {
    return undefined
  }
}
