import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSchemaMap } from './read-schema-map.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-map-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const empty = {
  kind: 'tillsafe.schema-map',
  version: 1,
  name: 'Mine',
  sections: [],
  counters: {},
  images: [],
  testData: [],
}

test('the map of the reference POS names every section that has tables', async () => {
  const { sections } = await readSchemaMap('reference')
  expect(sections.map((section) => section.name)).toEqual([
    'catalog',
    'employees',
    'settings',
    'register-layouts',
    'customers',
    'stock',
    'sales',
  ])
})

test('a map in a file is read', async () => {
  expect(await readSchemaMap(write(JSON.stringify(empty)))).toEqual(empty)
})

test.each([
  ['no JSON', '{'],
  ['another kind', JSON.stringify({ ...empty, kind: 'x' })],
  ['a later version', JSON.stringify({ ...empty, version: 2 })],
  ['a field misspelt', JSON.stringify({ ...empty, chainHeds: 'SELECT 1' })],
  ['a section that is none', JSON.stringify({ ...empty, sections: [{ name: 'kitchen', tables: [] }] })],
])('a map with %s is refused', async (_, text) => {
  await expect(readSchemaMap(write(text))).rejects.toMatchObject({ code: 'schema-map.invalid' })
})

test('a map that is not there is refused', async () => {
  await expect(readSchemaMap(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'schema-map.invalid' })
})

function write(text: string): string {
  const file = join(folder, 'map.json')
  writeFileSync(file, text)
  return file
}
