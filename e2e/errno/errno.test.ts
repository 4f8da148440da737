import { describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { ErrnoRig } from './errno-rig.ts'
import { diskErrors } from './fault-control.ts'
import { type ErrnoScenario, runErrnoCampaign } from './run-errno-campaign.ts'

/** A sample; `campaign.ts` lets every call fail. */
const SAMPLE = { errors: diskErrors, modes: ['once', 'sticky'], points: 1, seed: 20261121, starts: ['traded'] } as const

describe.skipIf(needs('gcc', 'C headers'))('a disk that fails', { timeout: 180_000 }, () => {
  test.each<ErrnoScenario>(['backup', 'restore', 'start', 'settings', 'export'])(
    'in %s: a failure that we understand, nothing lost, and it works again once the disk does',
    async (scenario) => {
      const { attempts } = await runErrnoCampaign({ scenario, ...SAMPLE })
      const failures = attempts.filter(({ problems }) => problems.length > 0)
      expect(failures.map(({ error, mode, hit, problems }) => [error, mode, hit, ...problems])).toEqual([])
      expect(attempts.filter(({ hit }) => hit !== '').length).toBeGreaterThan(attempts.length / 2)
    },
  )

  test.skipIf(needs('strace', 'tracing'))('is met by every call that the kernel sees', async () => {
    using rig = await ErrnoRig.make()
    for (const job of ['backup', 'restore'] as const) {
      const { counted, seen } = await rig.countBothWays(job, 'traded')
      expect(counted).toBe(seen)
      expect(seen).toBeGreaterThan(100)
    }
  })
})
