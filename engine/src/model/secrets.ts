import Type, { type Static } from 'typebox'

/** A key that opens a database, and since when it does. A backup taken before needs an earlier one. */
export const DatabaseKey = Type.Object({
  /** A passphrase, or a raw key as SQLCipher writes it: `x'…'`. */
  key: Type.String({ minLength: 1, maxLength: 4096 }),
  since: Type.String({ format: 'date-time' }),
})
export type DatabaseKey = Static<typeof DatabaseKey>

/**
 * `secrets.json` in the home folder, readable by its owner only. Settings name a secret; no setting, log, message or
 * backup ever holds one.
 */
export const Secrets = Type.Object({
  kind: Type.Literal('tillsafe.secrets'),
  version: Type.Literal(1),
  /** Opens `recovery.age`: see docs/format/recovery.md. */
  recoveryKey: Type.String({ minLength: 20, maxLength: 200 }),
  /** By the name that settings give; the newest first. */
  databaseKeys: Type.Record(Type.String(), Type.Array(DatabaseKey, { minItems: 1 })),
})
export type Secrets = Static<typeof Secrets>
