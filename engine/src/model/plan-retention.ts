import type { Instant } from './clock.ts'
import type { RetentionPolicy, RetentionRule } from './retention-policy.ts'
import type { Id, Tier } from './words.ts'

/** What retention needs to know of a backup in one destination. */
export interface RetainedBackup {
  readonly id: Id
  readonly sequence: number
  readonly takenAt: Instant
  readonly tiers: readonly Tier[]
  /** Written, read back, and its source was sound. */
  readonly good: boolean
  /** A safety backup that an unfinished or undoable restore still needs, or one that a person pinned. */
  readonly needed: boolean
}

/** Why a backup stays. */
export type KeepReason =
  | { readonly kind: 'newest-good' }
  | { readonly kind: 'needed' }
  | { readonly kind: 'no-rule'; readonly tier: Tier }
  /** Among the newest `count` of its tier: 1 is the newest. */
  | { readonly kind: 'count'; readonly tier: Tier; readonly position: number }
  | { readonly kind: 'days'; readonly tier: Tier; readonly until: Instant }

export interface RetentionPlan {
  readonly keep: readonly { readonly id: Id; readonly because: readonly KeepReason[] }[]
  readonly remove: readonly Id[]
}

const DAY = 86_400_000

/**
 * What one destination keeps and why, and what may go. Generations are counted by sequence, so a wrong clock cannot
 * turn old into new; the clock only ends a duration. The newest good backup always stays. Nothing goes while there
 * is no good backup at all.
 */
export function planRetention(
  backups: readonly RetainedBackup[],
  policy: RetentionPolicy,
  now: Instant,
): RetentionPlan {
  const newestFirst = backups.toSorted((a, b) => b.sequence - a.sequence)
  const newestGood = newestFirst.find((backup) => backup.good)
  const judged = newestFirst.map((backup) => ({
    id: backup.id,
    because: [
      ...(backup === newestGood ? [{ kind: 'newest-good' } as const] : []),
      ...(backup.needed ? [{ kind: 'needed' } as const] : []),
      ...backup.tiers.flatMap((tier) => tierReasons(backup, tier, newestFirst, policy, now)),
    ],
  }))
  if (newestGood === undefined) {
    return { keep: judged, remove: [] }
  }
  return {
    keep: judged.filter((backup) => backup.because.length > 0),
    remove: judged.filter((backup) => backup.because.length === 0).map((backup) => backup.id),
  }
}

function tierReasons(
  backup: RetainedBackup,
  tier: Tier,
  newestFirst: readonly RetainedBackup[],
  policy: RetentionPolicy,
  now: Instant,
): KeepReason[] {
  const rules = policy.rules.filter(
    (rule) => rule.tier === tier && (rule.count !== undefined || rule.days !== undefined),
  )
  return rules.length === 0
    ? [{ kind: 'no-rule', tier }]
    : rules.flatMap((rule) => ruleReasons(backup, rule, newestFirst, now))
}

function ruleReasons(
  backup: RetainedBackup,
  rule: RetentionRule,
  newestFirst: readonly RetainedBackup[],
  now: Instant,
): KeepReason[] {
  const reasons: KeepReason[] = []
  if (rule.count !== undefined) {
    // A backup that is not good takes no place: ten kept are ten that restore.
    const newer = newestFirst.filter(
      (other) => other.tiers.includes(rule.tier) && other.good && other.sequence > backup.sequence,
    )
    if (newer.length < rule.count) {
      reasons.push({ kind: 'count', tier: rule.tier, position: newer.length + 1 })
    }
  }
  if (rule.days !== undefined) {
    const until = Date.parse(backup.takenAt) + rule.days * DAY
    if (Date.parse(now) < until) {
      reasons.push({ kind: 'days', tier: rule.tier, until: new Date(until).toISOString() })
    }
  }
  return reasons
}
