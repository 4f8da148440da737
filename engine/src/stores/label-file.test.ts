import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LABEL_VERSION, type Label } from '../model/index.ts'
import { syntheticFacts, syntheticHeading, syntheticShop } from '../testing/synthetic-snapshot.ts'
import { claimedId, decodeLabel, encodeLabel, LABEL_FILE_BYTES } from './label-file.ts'

const shop = syntheticShop()
const label: Label = {
  kind: 'tillsafe.label',
  version: LABEL_VERSION,
  ...syntheticHeading(shop, 12),
  ...syntheticFacts(Buffer.from('a database')),
  problems: ['image a.jpg: "gone"\n\\ €\u2028'],
  images: { count: 2, bytes: 10, list: 'ab'.repeat(32) },
}
const file = encodeLabel(label, shop.signer)
const text = file.toString()

function decode(changed: string): ReturnType<typeof decodeLabel> {
  return decodeLabel(Buffer.from(changed), shop.publicKey)
}

/** A label with other members, signed all the same. */
function signed(changes: object, by = shop): Buffer {
  return encodeLabel({ ...label, ...changes } as Label, by.signer)
}

describe('a label file', () => {
  test('gives back the label', () => {
    expect(decodeLabel(file, shop.publicKey)).toEqual({ kind: 'own', label })
  })

  test('gives back any problem sentence', () => {
    const anyText = fc.string({
      unit: fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 1 }),
        fc.constantFrom('"', '\\', '\u0000', '\u2029', '}'),
      ),
      maxLength: 50,
    })
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), (problems) => {
        expect(decodeLabel(signed({ problems }), shop.publicKey)).toMatchObject({ label: { problems } })
      }),
    )
  })

  test('can be read by a person: one value on a line, in order of the names', () => {
    const lines = text.split('\n')
    expect(lines[0]).toBe('{')
    expect(lines[1]).toBe('  "label": {')
    expect(lines).toContain('    "takenAt": "2026-11-21T10:12:00.000Z",')
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('may be indented and ordered otherwise: the signature is of the meaning', () => {
    const { label: inside, signature } = JSON.parse(text)
    const reordered = { signature, label: Object.fromEntries(Object.entries(inside).toReversed()) }
    expect(decode(JSON.stringify(reordered))).toEqual({ kind: 'own', label })
  })

  test('is refused when any value is changed', () => {
    const damaged = { code: 'backup.label-damaged' }
    for (const [from, to] of [
      ['"sequence": 12', '"sequence": 13'],
      ['"takenAt": "2026', '"takenAt": "2025'],
      ['"rows": 10', '"rows": 11'],
      ['"kind": "business"', '"kind": "other"'],
      ['"label": {', '"label": { "more": 1,'],
    ] as const) {
      expect(text).toContain(from)
      expect(() => decode(text.replace(from, to))).toThrow(expect.objectContaining(damaged))
    }
  })

  test('is refused, whatever byte of it is changed or wherever it is cut', () => {
    fc.assert(
      fc.property(fc.nat(file.byteLength - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, isCut) => {
        const broken = Buffer.from(isCut ? file.subarray(0, at) : file)
        if (!isCut) {
          broken.writeUInt8(broken.readUInt8(at) ^ change, at)
        }
        try {
          // Spaces may become other spaces; nothing else gets through.
          expect(decodeLabel(broken, shop.publicKey)).toEqual({ kind: 'own', label })
        } catch (error) {
          expect(['backup.label-damaged', 'backup.label-newer']).toContain((error as { code: string }).code)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['nothing', ''],
    ['no JSON', 'SQLite format 3\0'],
    ['JSON of another kind', '[]'],
    ['null', 'null'],
    ['a label without a signature', JSON.stringify({ label })],
    ['a very deep value', '['.repeat(100_000)],
    ['a very deep label', `{"label":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},"signature":{}}`],
    ['half a character in its text', text.replace('gone', '\\ud800')],
    ['another algorithm', text.replace('Ed25519', 'none')],
    ['no signature value', text.replace(/"value": ".*"/, '"value": ""')],
  ])('is refused when it holds %s', (_, changed) => {
    expect(() => decode(changed)).toThrow(expect.objectContaining({ code: 'backup.label-damaged' }))
  })

  test('is refused when it is signed and has the wrong shape', () => {
    for (const wrong of [
      { sequence: 0 },
      { tiers: [] },
      { database: {} },
      { takenAt: 'yesterday' },
      { trigger: 'whim' },
    ]) {
      expect(() => decodeLabel(signed(wrong), shop.publicKey)).toThrow(
        expect.objectContaining({ code: 'backup.label-damaged' }),
      )
    }
  })

  test('is not read when it is larger than a label can be', () => {
    const large = Buffer.concat([file, Buffer.alloc(LABEL_FILE_BYTES, ' ')])
    expect(() => decodeLabel(large, shop.publicKey)).toThrow(expect.objectContaining({ code: 'backup.label-damaged' }))
  })

  test('of a later version asks for a later Tillsafe, and still tells its id', () => {
    const newer = signed({ version: 2, database: 'otherwise' })
    expect(() => decodeLabel(newer, shop.publicKey)).toThrow(expect.objectContaining({ code: 'backup.label-newer' }))
    expect(claimedId(newer)).toBe(label.id)
  })

  test('of another shop is foreign when that shop has signed it', () => {
    const other = syntheticShop('Au Pain\u202e \u001b[31mDoré')
    const theirs = signed({ shop: { id: other.id, name: other.name, publicKey: other.publicKey } }, other)
    expect(decodeLabel(theirs, shop.publicKey)).toEqual({ kind: 'foreign', id: label.id, shop: 'Au Pain   [31mDoré' })
  })

  test('is refused when a stranger signs in our name, or we in a stranger’s', () => {
    const other = syntheticShop()
    expect(() => decodeLabel(encodeLabel(label, other.signer), shop.publicKey)).toThrow()
    expect(() =>
      decodeLabel(signed({ shop: { id: other.id, name: 'x', publicKey: other.publicKey } }), shop.publicKey),
    ).toThrow()
  })
})
