import { describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { type KillPoint, nameOf } from './kill-point.ts'
import { KillRig } from './kill-rig.ts'
import { runCampaign } from './run-campaign.ts'

/** A sample; `campaign.ts` tries as many points as there are. */
const SEED = 20261121

describe.skipIf(needs('strace', 'tracing'))('killed anywhere', { timeout: 180_000 }, () => {
  test.each([
    { scenario: 'backup', start: 'traded', points: 5 },
    { scenario: 'backup', start: 'vault', points: 4 },
    { scenario: 'backup', start: 'new-vault', points: 2 },
    { scenario: 'restore', start: 'traded', points: 6 },
    { scenario: 'restore', start: 'ruined', points: 3 },
    { scenario: 'recover', points: 5 },
    { scenario: 'export', points: 5 },
    { scenario: 'prune', start: 'forgotten-days', points: 3 },
    { scenario: 'repair', start: 'hurt-header', points: 3 },
  ] as const)(
    '$scenario $start: nothing acknowledged is lost, the till is old or new, and it goes on',
    async (sample) => {
      const { attempts } = await runCampaign({ seed: SEED, ...sample })
      const failures = attempts.filter(({ problems }) => problems.length > 0)
      expect(failures.map(({ point, problems }) => [nameOf(point), ...problems])).toEqual([])
      expect(attempts.map(({ outcome }) => outcome)).toContain('killed')
    },
  )

  test('a swap that outlives the program that asked for it, and the next start that finishes it, come to one end', async () => {
    using rig = await KillRig.make()
    const points = await rig.findPoints('restore', 'traded')
    const [rename, ...others] = points.filter(
      ({ victim, call, on }) => victim.startsWith('orphan') && call === 'rename' && on === 'till/pos.db',
    )
    expect(others).toEqual([])
    expect(await rig.attempt('restore', 'traded', rename as KillPoint)).toMatchObject({
      outcome: 'killed',
      problems: [],
    })
  })
})
