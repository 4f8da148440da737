import { describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { type ErrnoPoint, ErrnoRig } from './errno-rig.ts'
import { diskErrors } from './fault-control.ts'
import { type ErrnoScenario, runErrnoCampaign } from './run-errno-campaign.ts'

/** A sample; `campaign.ts` lets every call fail. */
const SAMPLE = { errors: diskErrors, modes: ['once', 'sticky'], points: 1, seed: 20261121 } as const

describe.skipIf(needs('gcc', 'C headers'))('a disk that fails', { timeout: 180_000 }, () => {
  test.each<[ErrnoScenario, string]>([
    ['backup', 'traded'],
    ['restore', 'traded'],
    ['start', 'traded'],
    ['settings', 'traded'],
    ['export', 'traded'],
    ['prune', 'forgotten-days'],
  ])(
    'in %s (%s): a failure that we understand, nothing lost, and it works again once the disk does',
    async (scenario, start) => {
      const { attempts } = await runErrnoCampaign({ scenario, ...SAMPLE, starts: [start] })
      const failures = attempts.filter(({ problems }) => problems.length > 0)
      expect(failures.map(({ error, mode, hit, problems }) => [error, mode, hit, ...problems])).toEqual([])
      expect(attempts.filter(({ hit }) => hit !== '').length).toBeGreaterThan(attempts.length / 2)
    },
  )

  test('a restore whose names could not be synced is not said to be done', async () => {
    using rig = await ErrnoRig.make()
    const run = { job: 'restore', start: 'traded', error: 'EIO', mode: 'once' } as const
    const points = await rig.findPoints(run)
    const sync = points[points.findIndex(({ call, on }) => call === 'rename' && on === 'till/pos.db') + 1]
    expect(await rig.attempt(run, sync as ErrnoPoint)).toMatchObject({
      hit: 'fsync till',
      outcome: 'failed',
      problems: [],
    })
  })

  test.skipIf(needs('strace', 'tracing'))('is met by every call that the kernel sees', async () => {
    using rig = await ErrnoRig.make()
    for (const job of ['backup', 'restore'] as const) {
      const { counted, seen } = await rig.countBothWays(job, 'traded')
      expect(counted).toBe(seen)
      expect(seen).toBeGreaterThan(100)
    }
  })
})
