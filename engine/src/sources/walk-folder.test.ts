import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from '../testing/collect.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'
import { ImagesFolder } from './images-folder.ts'
import { walkFolder } from './walk-folder.ts'

let folder: TemporaryFolder
let rooms = 0
beforeAll(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-walk-')
})
afterAll(async () => await folder[Symbol.asyncDispose]())

const anyName = fc
  .string({
    unit: fc.constantFrom('a', 'B', '.', '-', ' ', '!', '0', 'é', '店', '😀', '\uff21'),
    minLength: 1,
    maxLength: 4,
  })
  .filter((name) => name !== '.' && name !== '..')
/** Paths that can stand beside each other: none is a folder of another. */
const anyPaths = fc
  .uniqueArray(fc.array(anyName, { minLength: 1, maxLength: 3 }), {
    selector: (names) => names.join('/'),
    comparator: (a, b) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`),
    maxLength: 12,
  })
  .map((all) => all.map((names) => names.join('/')))

async function treeOf(paths: readonly string[]): Promise<string> {
  const root = folder.join(`${rooms++}`)
  await mkdir(root)
  for (const path of paths) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), path)
  }
  return root
}

function unexpected(path: string): never {
  throw new Error(`${path} could not be read`)
}

describe('walking a folder', () => {
  test('gives whole paths in the order in which they sort', async () => {
    await fc.assert(
      fc.asyncProperty(anyPaths, async (paths) => {
        const found = await collect(walkFolder(await treeOf(paths), unexpected))
        const files = found.filter(({ kind }) => kind === 'file').map(({ path }) => path)
        expect(files).toEqual(paths.toSorted((a, b) => (a < b ? -1 : 1)))
      }),
    )
  })

  test('gives a folder behind what is in it, and does not follow links', async () => {
    const root = await treeOf(['a/b/c', 'a.b', 'd'])
    await symlink(root, join(root, 'circle'))
    await symlink('nowhere', join(root, 'a!'))
    expect(await collect(walkFolder(root, unexpected))).toEqual([
      { path: 'a!', kind: 'other' },
      { path: 'a.b', kind: 'file' },
      { path: 'a/b/c', kind: 'file' },
      { path: 'a/b', kind: 'folder' },
      { path: 'a', kind: 'folder' },
      { path: 'circle', kind: 'other' },
      { path: 'd', kind: 'file' },
    ])
  })

  test('tells of a folder that is not there', async () => {
    const told: unknown[] = []
    expect(await collect(walkFolder(folder.join('none'), (path, { code }) => told.push([path, code])))).toEqual([])
    expect(told).toEqual([[folder.join('none'), 'ENOENT']])
  })
})

describe('an images folder', () => {
  test('tells what is left out, each time that it is walked, and not more than a label has room for', async () => {
    const root = await treeOf(['a.jpg', 'c:d.jpg'])
    const images = new ImagesFolder(root)
    expect((await collect(images.entries())).map(({ path }) => path)).toEqual(['images/a.jpg'])
    expect(images.problems).toEqual(['image c:d.jpg is left out: its name is not portable'])
    for (let n = 10; n < 70; n++) {
      await symlink('nowhere', join(root, `link ${n}`))
    }
    for (let walk = 0; walk < 2; walk++) {
      await collect(images.entries())
      expect(images.problems).toHaveLength(51)
      expect(images.problems[1]).toBe('image link 10 is left out: it is no plain file')
      expect(images.problems.at(-1)).toBe('11 more images or folders of images could not be read or stored')
    }
  })

  test('says of a name that is no text that its image could not be found', async () => {
    const root = await treeOf(['a', 'x\ufffd'])
    await writeFile(Buffer.concat([Buffer.from(`${root}/x`), Buffer.of(0xff)]), 'no text')
    const images = new ImagesFolder(root)
    expect((await collect(images.entries())).map(({ path }) => path)).toEqual(['images/a', 'images/x\ufffd'])
    expect(images.problems).toEqual(['image x\ufffd could not be found under its name'])
  })
})
