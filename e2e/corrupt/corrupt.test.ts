import { describe, expect, test } from 'vitest'
import { baseNames } from './base-databases.ts'
import { runCorruptCampaign } from './run-corrupt-campaign.ts'

/** A sample, one of each base; `campaign.ts --count N` tries more. */
const SAMPLE = { count: baseNames.length, seed: 20261121, restoreEvery: 6 }

describe('a damaged database', { timeout: 240_000 }, () => {
  test('fails clearly, is marked, or is right; no backup, no live database and no file is harmed by it', async () => {
    const results = await runCorruptCampaign({ by: 'shop', ...SAMPLE })
    const failures = results.filter(({ problems }) => problems.length > 0)
    expect(failures.map(({ number, base, mutation, problems }) => [number, base, mutation, ...problems])).toEqual([])
    const outcomes = new Set(results.flatMap(({ deeds }) => Object.values(deeds).map(({ outcome }) => outcome)))
    expect([...outcomes]).toEqual(expect.arrayContaining(['sound', 'damaged', 'restored', 'source.damaged']))
  })

  test('is read by each task of the engine without a crash, a change or a failure that we do not understand', async () => {
    const results = await runCorruptCampaign({ by: 'tasks', ...SAMPLE, count: 5 * baseNames.length })
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([])
  })
})
