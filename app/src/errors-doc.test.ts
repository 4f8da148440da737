import { readFileSync } from 'node:fs'
import { errorCodes } from '@tillsafe/engine/model'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = page.split('\n').flatMap((line) => {
  const row = /^\| `(?<code>[^`]+)` \| (?<exit>\d) \| (?<meaning>[^|]+) \| (?<cure>[^|]+) \|$/.exec(line)?.groups
  return row === undefined ? [] : [row]
})

test('docs/errors.md explains every error code once, and no other', () => {
  expect(rows.map((row) => row['code']).sort()).toEqual(Object.keys(errorCodes).sort())
})

test('docs/errors.md tells the exit code of each', () => {
  const told = Object.fromEntries(rows.map((row) => [row['code'], Number(row['exit'])]))
  expect(told).toEqual(Object.fromEntries(Object.entries(errorCodes).map(([code, { exitCode }]) => [code, exitCode])))
})

test('docs/errors.md says of each what it means and what to do', () => {
  for (const row of rows) {
    expect(row['meaning']?.length, row['code']).toBeGreaterThan(20)
    expect(row['cure']?.length, row['code']).toBeGreaterThan(20)
  }
})
