import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planRetention, type RetainedBackup, type RetentionPlan } from './plan-retention.ts'
import { KEEP_EVERYTHING, type RetentionPolicy } from './retention-policy.ts'
import type { Tier } from './words.ts'

const NOW = '2026-11-21T10:57:00.000Z'
const DAY = 86_400_000

function daysAgo(days: number): string {
  return new Date(Date.parse(NOW) - days * DAY).toISOString()
}

function backup(sequence: number, changes: Partial<RetainedBackup> = {}): RetainedBackup {
  const id = sequence.toString(16).padStart(32, '0')
  return { id, sequence, takenAt: daysAgo(100 - sequence), tiers: ['daily'], good: true, needed: false, ...changes }
}

function backups(from: number, to: number, changes: Partial<RetainedBackup> = {}): RetainedBackup[] {
  return Array.from({ length: to - from + 1 }, (_, index) => backup(from + index, changes))
}

/** The plan as lines: `5 newest-good, daily 1 of count` or `1 goes`. */
function story(plan: RetentionPlan): string[] {
  const number = (id: string): number => Number.parseInt(id, 16)
  const kept = plan.keep.map(({ id, because }) => {
    const reasons = because.map((reason) => {
      switch (reason.kind) {
        case 'count':
          return `${reason.tier} ${reason.position}`
        case 'days':
          return `${reason.tier} until ${reason.until.slice(0, 10)}`
        case 'no-rule':
          return `${reason.tier} has no rule`
        case 'newest-good':
        case 'needed':
          return reason.kind
        default:
          return reason satisfies never
      }
    })
    return `${number(id)} stays: ${reasons.join(', ')}`
  })
  return [...kept, ...plan.remove.map((id) => `${number(id)} goes`)]
}

describe('a retention plan', () => {
  test('keeps the newest of a tier and says why', () => {
    expect(story(planRetention(backups(1, 4), { rules: [{ tier: 'daily', count: 2 }] }, NOW))).toEqual([
      '4 stays: newest-good, daily 1',
      '3 stays: daily 2',
      '2 goes',
      '1 goes',
    ])
  })

  test('keeps for a number of days', () => {
    const plan = planRetention(backups(96, 99), { rules: [{ tier: 'daily', days: 3 }] }, NOW)
    expect(story(plan)).toEqual([
      '99 stays: newest-good, daily until 2026-11-23',
      '98 stays: daily until 2026-11-22',
      '97 goes',
      '96 goes',
    ])
  })

  test('keeps what either of two rules keeps', () => {
    const policy: RetentionPolicy = { rules: [{ tier: 'daily', count: 1, days: 3 }] }
    expect(story(planRetention(backups(97, 99), policy, NOW))).toEqual([
      '99 stays: newest-good, daily 1, daily until 2026-11-23',
      '98 stays: daily until 2026-11-22',
      '97 goes',
    ])
  })

  test('keeps a backup as long as any of its tiers does', () => {
    const policy: RetentionPolicy = {
      rules: [
        { tier: 'daily', count: 1 },
        { tier: 'weekly', count: 2 },
      ],
    }
    const both: Tier[] = ['daily', 'weekly']
    const plan = planRetention(
      [backup(1, { tiers: both }), backup(2, { tiers: both }), backup(3, { tiers: both }), backup(4)],
      policy,
      NOW,
    )
    expect(story(plan)).toEqual(['4 stays: newest-good, daily 1', '3 stays: weekly 1', '2 stays: weekly 2', '1 goes'])
  })

  test('keeps a tier whole when no rule speaks of it, or the rule says nothing', () => {
    const some = [backup(1, { tiers: ['manual'] }), backup(2), backup(3)]
    expect(planRetention(some, { rules: [{ tier: 'daily', count: 1 }] }, NOW).remove).toEqual([backup(2).id])
    expect(planRetention(some, { rules: [{ tier: 'daily' }] }, NOW).remove).toEqual([])
  })

  test('counts only those that are good: ten kept are ten that restore', () => {
    const some = [...backups(1, 3), backup(4, { good: false }), backup(5, { good: false })]
    expect(story(planRetention(some, { rules: [{ tier: 'daily', count: 2 }] }, NOW))).toEqual([
      '5 stays: daily 1',
      '4 stays: daily 1',
      '3 stays: newest-good, daily 1',
      '2 stays: daily 2',
      '1 goes',
    ])
  })

  test('keeps what is needed, whatever its tier', () => {
    const some = [backup(1, { needed: true }), ...backups(2, 4)]
    expect(story(planRetention(some, { rules: [{ tier: 'daily', count: 1 }] }, NOW))).toEqual([
      '4 stays: newest-good, daily 1',
      '1 stays: needed',
      '3 goes',
      '2 goes',
    ])
  })

  test('counts by sequence: a clock that was wrong cannot turn old into new', () => {
    const some = [
      backup(1, { takenAt: '2099-01-01T00:00:00.000Z' }),
      backup(2),
      backup(3, { takenAt: '1999-01-01T00:00:00.000Z' }),
    ]
    expect(story(planRetention(some, { rules: [{ tier: 'daily', count: 1 }] }, NOW))).toEqual([
      '3 stays: newest-good, daily 1',
      '2 goes',
      '1 goes',
    ])
  })

  test('keeps the newest good one even when it is the oldest by the clock and all its days are over', () => {
    const some = [...backups(1, 3), backup(4, { takenAt: '1980-01-01T00:00:00.000Z' })]
    const plan = planRetention(some, { rules: [{ tier: 'daily', days: 1 }] }, NOW)
    expect(story(plan)).toEqual(['4 stays: newest-good', '3 goes', '2 goes', '1 goes'])
  })

  test('removes nothing while there is no good backup at all', () => {
    const plan = planRetention(backups(1, 9, { good: false }), { rules: [{ tier: 'daily', days: 1 }] }, NOW)
    expect(plan.remove).toEqual([])
    expect(plan.keep).toHaveLength(9)
  })

  test('has nothing to say of nothing', () => {
    expect(planRetention([], { rules: [{ tier: 'daily', count: 1 }] }, NOW)).toEqual({ keep: [], remove: [] })
  })
})

describe('any retention plan', () => {
  const anyTier = fc.constantFrom<Tier>('closing', 'daily', 'weekly', 'monthly', 'yearly', 'safety', 'manual')
  const anyBackups = fc
    .array(
      fc.record({
        days: fc.integer({ min: -3650, max: 3650 }),
        tiers: fc.uniqueArray(anyTier, { minLength: 1, maxLength: 3 }),
        good: fc.boolean(),
        needed: fc.boolean(),
      }),
      { maxLength: 25 },
    )
    .map((all) => all.map(({ days, ...rest }, index) => backup(index + 1, { takenAt: daysAgo(days), ...rest })))
  const anyRule = fc.record(
    { tier: anyTier, count: fc.integer({ min: 1, max: 5 }), days: fc.integer({ min: 1, max: 800 }) },
    { requiredKeys: ['tier'] },
  )
  const anyPolicy = fc.array(anyRule, { maxLength: 6 }).map((rules) => ({ rules }))
  const idsOf = (plan: RetentionPlan): string[] => [...plan.keep.map(({ id }) => id), ...plan.remove]

  function holds(promise: (all: RetainedBackup[], policy: RetentionPolicy, plan: RetentionPlan) => void): void {
    fc.assert(
      fc.property(anyBackups, anyPolicy, (all, policy) => {
        promise(all, policy, planRetention(all, policy, NOW))
      }),
      { numRuns: 500 },
    )
  }

  test('speaks of each backup once', () => {
    holds((all, _, plan) => expect(idsOf(plan).toSorted()).toEqual(all.map(({ id }) => id)))
  })

  test('keeps everything without rules', () => {
    holds((all) => expect(planRetention(all, KEEP_EVERYTHING, NOW).remove).toEqual([]))
  })

  test('gives a reason for each that stays, while there is a good one', () => {
    holds((all, _, plan) => {
      if (all.some(({ good }) => good)) {
        expect(plan.keep.every(({ because }) => because.length > 0)).toBe(true)
      }
    })
  })

  test('keeps the newest good one and all that are needed', () => {
    holds((all, _, plan) => {
      const newest = all.findLast(({ good }) => good)
      for (const { id } of all.filter((one) => one.needed || one === newest)) {
        expect(plan.remove).not.toContain(id)
      }
    })
  })

  test('removes nothing without a good one', () => {
    holds((all, policy) => {
      const bad = all.map((one) => ({ ...one, good: false }))
      expect(planRetention(bad, policy, NOW).remove).toEqual([])
    })
  })

  test('is the same when it is made twice, or from a shuffled list', () => {
    fc.assert(
      fc.property(
        anyBackups.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        anyPolicy,
        ([all, shuffled], policy) => {
          const plan = planRetention(all, policy, NOW)
          expect(planRetention(all, policy, NOW)).toEqual(plan)
          expect(planRetention(shuffled, policy, NOW)).toEqual(plan)
        },
      ),
    )
  })

  test('removes nothing more once it has been carried out', () => {
    holds((all, policy, plan) => {
      const rest = all.filter(({ id }) => !plan.remove.includes(id))
      expect(planRetention(rest, policy, NOW).remove).toEqual([])
    })
  })

  test('removes no more when a new backup arrives than the policy’s numbers allow: a failed one pushes nothing out', () => {
    holds((all, policy, plan) => {
      const failed = backup(all.length + 1, { good: false, takenAt: NOW, tiers: ['daily', 'closing', 'weekly'] })
      const after = planRetention([...all, failed], policy, NOW)
      expect(after.remove.toSorted()).toEqual(plan.remove.toSorted())
    })
  })
})
