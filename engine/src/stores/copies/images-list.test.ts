import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isKey } from '../../destinations/key.ts'
import { encodeImagesList, type ListedImage } from '../images-list.ts'
import { decodeImagesList, imageKey } from './images-list.ts'

const sha256 = 'ab'.repeat(32)
const anyHash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
const anyImage: fc.Arbitrary<ListedImage> = fc.record(
  {
    path: fc
      .string({ unit: fc.constantFrom('a', 'É', ' ', '"', '店', '/', '.', '😀'), minLength: 1, maxLength: 12 })
      .map((path) => `x/${path.replaceAll('"', "'").replaceAll('/', '_')}y`),
    bytes: fc.nat(),
    sha256: anyHash,
    modifiedMs: fc.integer(),
    key: anyHash.map((hash) => imageKey({ path: 'a.jpg', sha256: hash }, 2)),
  },
  { requiredKeys: ['path', 'bytes', 'sha256'] },
)

describe('a list of images', () => {
  test('comes back, sorted by path, and the same images always give the same bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyImage, { selector: ({ path }) => path }), (images) => {
        const file = encodeImagesList(images)
        expect(decodeImagesList(file)).toEqual(images.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
        expect(encodeImagesList(images.toReversed()).equals(file)).toBe(true)
      }),
    )
  })

  test('has one image on a line', () => {
    const file = encodeImagesList([
      { path: 'b.jpg', bytes: 2, sha256 },
      { path: 'a "b".jpg', bytes: 1, sha256, modifiedMs: 5 },
    ])
    expect(file.toString()).toBe(
      `{"kind":"tillsafe.images","version":1,"images":[\n{"path":"a \\"b\\".jpg","bytes":1,"sha256":"${sha256}","modifiedMs":5},\n{"path":"b.jpg","bytes":2,"sha256":"${sha256}"}\n]}\n`,
    )
  })

  test.each([
    ['a path that climbs out', { path: '../../etc/passwd' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a device', { path: 'a/nul' }],
    ['a key that climbs out', { key: 'Images/../../secret' }],
    ['a key of something else', { key: 'Daily/Shop_backup_20261121_105700.db' }],
    ['a hash that is none', { sha256: '../x' }],
    ['a size below nothing', { bytes: -1 }],
  ])('is refused with %s', (_, changes) => {
    const file = encodeImagesList([{ path: 'a.jpg', bytes: 1, sha256, ...changes }])
    expect(() => decodeImagesList(file)).toThrow(expect.objectContaining({ code: 'backup.damaged' }))
  })

  test('is refused when it is something else', () => {
    for (const text of ['', '{}', 'null', '[]', '{"kind":"tillsafe.images","version":2,"images":[]}']) {
      expect(() => decodeImagesList(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'backup.damaged' }))
    }
  })
})

describe('the key of an image', () => {
  test.each([
    ['a/Photo.JPG', '.jpg'],
    ['archive.tar.gz', '.gz'],
    ['none', ''],
    ['dots/in.folder/none', ''],
    ['odd.é', ''],
    ['odd.j pg', ''],
    ['long.extension', ''],
    ['.hidden', '.hidden'],
  ])('of %s ends with %j', (path, ending) => {
    const key = imageKey({ path, sha256 })
    expect(key).toBe(`Images/ab/${sha256}${ending}`)
    expect(isKey(key)).toBe(true)
  })
})
