import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MutantVerdict, MutationRig } from './mutation-rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-mutants-'))
let rig: MutationRig
beforeAll(async () => {
  rig = await MutationRig.make(folder, 1)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('an archive that was changed on its way', () => {
  test('is refused, or gives exactly what was saved: 200 mutants', async () => {
    const verdicts: MutantVerdict[] = []
    for (let n = 1; n <= 200; n++) {
      verdicts.push(await rig.tryOne(n % 50 === 0))
    }
    expect(verdicts.filter(({ problem }) => problem !== undefined)).toEqual([])
    expect(verdicts.filter(({ outcome }) => outcome.startsWith('archive.')).length).toBeGreaterThan(150)
  })

  test.each([false, true])('is read when it was not changed (behind walls: %s)', async (behindWalls) => {
    expect(await rig.tryUnharmed(behindWalls)).toBe('the same')
  })
})
