import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isKey } from '../../destinations/key.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { ImagesList, type ListedImage } from '../images-list.ts'
import { imageKey, readImagesList } from './images-list.ts'

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
  test('comes back, and its mark says what it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyImage, { selector: ({ path }) => path, minLength: 1 }), async (images) => {
        const { file, mark } = listOf(images)
        expect(await decoded(file)).toEqual(sorted(images))
        expect(JSON.parse(file).images).toEqual(sorted(images))
        const bytes = images.reduce((sum, image) => sum + image.bytes, 0)
        expect(mark).toEqual({ count: images.length, bytes, list: sha256OfBytes(file) })
      }),
    )
  })

  test('is none when there are no images', () => {
    expect(listOf([])).toEqual({ file: '', mark: undefined })
  })

  test('takes each image once, in order of path', () => {
    const list = new ImagesList()
    list.add({ path: 'b', bytes: 1, sha256 })
    for (const path of ['a', 'b']) {
      expect(list.isNext(path)).toBe(false)
      expect(() => list.add({ path, bytes: 1, sha256 })).toThrow(/in order/)
    }
    expect(list.isNext('b.a')).toBe(true)
  })

  test('has one image on a line', () => {
    const { file } = listOf([
      { path: 'b.jpg', bytes: 2, sha256 },
      { path: 'a "b".jpg', bytes: 1, sha256, modifiedMs: 5 },
    ])
    expect(file).toBe(
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
  ])('is refused with %s', async (_, changes) => {
    const { file } = listOf([{ path: 'a.jpg', bytes: 1, sha256, ...changes }])
    await expect(decoded(file)).rejects.toMatchObject({ code: 'backup.damaged' })
  })

  test('is refused when it is something else', async () => {
    const { file } = listOf([{ path: 'a.jpg', bytes: 1, sha256 }])
    for (const text of [
      '',
      '{}\n',
      'null\n',
      '[]',
      '{"kind":"tillsafe.images","version":2,"images":[\n]}\n',
      `${file}\n`,
    ]) {
      await expect(decoded(text)).rejects.toMatchObject({ code: 'backup.damaged' })
    }
  })

  test('is refused wherever it is cut', async () => {
    const { file } = listOf([
      { path: 'a.jpg', bytes: 1, sha256 },
      { path: 'b.jpg', bytes: 2, sha256 },
    ])
    for (let end = 0; end < file.length; end++) {
      await expect(decoded(file.slice(0, end)), file.slice(0, end)).rejects.toMatchObject({ code: 'backup.damaged' })
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

function listOf(images: readonly ListedImage[]): { file: string; mark: unknown } {
  let file = ''
  const list = new ImagesList((piece) => {
    file += piece
  })
  for (const image of sorted(images)) {
    list.add(image)
  }
  const mark = list.finish()
  return { file, mark }
}

function sorted(images: readonly ListedImage[]): readonly ListedImage[] {
  return images.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function decoded(text: string): Promise<ListedImage[]> {
  return await Array.fromAsync(readImagesList(await bytesContent(Buffer.from(text)).open()))
}
