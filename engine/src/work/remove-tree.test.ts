import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeTree } from './remove-tree.ts'
import { TemporaryFolder } from './temporary-folder.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-remove-')
  await mkdir(folder.join('tree/a/b'), { recursive: true })
  await mkdir(folder.join('other'))
  for (const path of ['tree/1', 'tree/a/2', 'tree/a/b/3', 'other/kept']) {
    await writeFile(folder.join(path), path)
  }
})
afterEach(async () => await folder[Symbol.asyncDispose]())

test('removes a folder with all that is in it, and nothing that a link leads to', async () => {
  await symlink(folder.join('other'), folder.join('tree/a/link'))
  await symlink(folder.join('nowhere'), folder.join('tree/broken'))
  await removeTree(folder.join('tree'))
  expect(await readdir(folder.path)).toEqual(['other'])
  expect(await readdir(folder.join('other'))).toEqual(['kept'])
})

test('removes a link to a folder, and leaves the folder', async () => {
  await symlink(folder.join('other'), folder.join('link'))
  await removeTree(folder.join('link'))
  expect((await readdir(folder.path)).sort()).toEqual(['other', 'tree'])
  expect(await readdir(folder.join('other'))).toEqual(['kept'])
})

test('removes a file, and says nothing where nothing is', async () => {
  await removeTree(folder.join('tree/1'))
  await removeTree(folder.join('tree/1'))
  expect(await readdir(folder.join('tree'))).toEqual(['a'])
})
