import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostileZips } from './hostile-zips.ts'
import { judgeZips, MOST_BYTES, MOST_MILLISECONDS } from './judge-zips.ts'
import type { ZipVerdict } from './zip-child.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tillsafe-hostile-')))
const all = hostileZips()
const twins = [...new Set(all.map(({ twin }) => twin))]
let verdicts: readonly ZipVerdict[] = []
let twinVerdicts: readonly ZipVerdict[] = []
let before: readonly string[] = []

beforeAll(async () => {
  const files = all.map(({ bytes }, index) => written(`${index}.zip`, bytes))
  const twinFiles = twins.map((bytes, index) => written(`twin-${index}.zip`, bytes))
  before = readdirSync(folder)
  verdicts = await judgeZips(files)
  twinVerdicts = await judgeZips(twinFiles)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a ZIP that is forged or broken is refused, its harmless twin is read', () => {
  test.each(all.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
    const hostile = all[index]
    const verdict = verdicts[index]
    expect(verdict).toMatchObject({ verdict: hostile?.expected, message: expect.stringMatching(hostile?.says ?? /^$/) })
    expect(verdict?.milliseconds).toBeLessThan(MOST_MILLISECONDS)
    expect(verdict?.memoryBytes).toBeLessThan(MOST_BYTES)
    expect(hostile && twinVerdicts[twins.indexOf(hostile.twin)]).toMatchObject({ verdict: 'read', message: '' })
  })

  test('there are at least sixty, and no two are the same', () => {
    expect(new Set(all.map(({ bytes }) => bytes.toString('latin1'))).size).toBe(all.length)
    expect(all.length).toBeGreaterThanOrEqual(60)
  })

  test('nothing is written by reading them', () => {
    expect(readdirSync(folder)).toEqual(before)
  })
})

function written(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
