import Type, { type Static } from 'typebox'
import { Tier } from './words.ts'

/** Keep this many of a tier, or those of so many days; with both, whatever either keeps. */
export const RetentionRule = Type.Object({
  tier: Tier,
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  days: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type RetentionRule = Static<typeof RetentionRule>

/** What a destination keeps. A tier that no rule speaks of is kept whole. */
export const RetentionPolicy = Type.Object({ rules: Type.Array(RetentionRule) })
export type RetentionPolicy = Static<typeof RetentionPolicy>

/** A policy without rules keeps everything. */
export const KEEP_EVERYTHING: RetentionPolicy = { rules: [] }
