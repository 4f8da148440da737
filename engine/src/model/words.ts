import Type, { type Static } from 'typebox'

/** What caused a backup. */
export const Trigger = Type.Enum([
  'manual',
  'startup',
  'exit',
  'scheduled',
  'before-restore',
  'before-migration',
  'before-accounting-reset',
  'before-factory-reset',
  'before-cleanup',
])
export type Trigger = Static<typeof Trigger>

/** Who decided to take a backup: a person, or Tillsafe by itself. */
export const Origin = Type.Enum(['manual', 'automatic'])
export type Origin = Static<typeof Origin>

/** The generations of a rotation (grandfather, father, son), and what stands beside it. */
export const Tier = Type.Enum(['closing', 'daily', 'weekly', 'monthly', 'yearly', 'safety', 'manual'])
export type Tier = Static<typeof Tier>

/** The origin that goes with a trigger. */
export function originOf(trigger: Trigger): Origin {
  return trigger === 'manual' ? 'manual' : 'automatic'
}

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** A random id: 32 hexadecimal characters. Backups and jobs are known by it, never by their file name. */
export const Id = Type.String({ pattern: '^[0-9a-f]{32}$' })
export type Id = Static<typeof Id>
