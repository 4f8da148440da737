import Type, { type Static } from 'typebox'
import { Identity } from './identity.ts'
import { DatabaseKey } from './secrets.ts'
import { ShopSettings } from './settings.ts'

/**
 * What `recovery.age` in a destination holds, sealed with the recovery key: all that makes a new machine this shop again.
 * See docs/format/recovery.md.
 */
export const Recovery = Type.Object({
  kind: Type.Literal('tillsafe.recovery'),
  version: Type.Literal(1),
  writtenAt: Type.String({ format: 'date-time' }),
  /** The name, in the settings, of the destination that it was written for. */
  destination: Type.String({ minLength: 1 }),
  identity: Identity,
  settings: ShopSettings,
  databaseKeys: Type.Record(Type.String(), Type.Array(DatabaseKey, { minItems: 1 })),
})
export type Recovery = Static<typeof Recovery>
