import Type, { type Static } from 'typebox'
import { RetentionPolicy } from './retention-policy.ts'

const Name = Type.String({ minLength: 1, maxLength: 100 })
/** A name that other programs and folders use: lower-case letters, digits, dashes. */
const Handle = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
/** A program and its arguments; never a line for a shell. */
const Command = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })

/** How a database is encrypted: SQLCipher's format, and the name of its key in `secrets.json`. */
export const EncryptionSettings = Type.Object({
  cipher: Type.Enum(['sqlcipher']),
  format: Type.Union([Type.Literal(3), Type.Literal(4)]),
  key: Handle,
})
export type EncryptionSettings = Static<typeof EncryptionSettings>

/** The live data of a workspace. Paths are absolute. */
export const SourceSettings = Type.Object({
  engine: Type.Enum(['sqlite']),
  database: Type.String({ minLength: 1 }),
  encryption: Type.Optional(EncryptionSettings),
  images: Type.Optional(Type.String({ minLength: 1 })),
})
export type SourceSettings = Static<typeof SourceSettings>

/** A way of keeping backups: plain files in folders of tiers, one ZIP for each, or what has changed in a vault. */
export const StoreKind = Type.Enum(['copies', 'archive', 'vault'])
export type StoreKind = Static<typeof StoreKind>

/** Where and how the backups of a workspace are kept. */
export const CopySettings = Type.Object({
  destination: Handle,
  store: StoreKind,
  retention: RetentionPolicy,
})
export type CopySettings = Static<typeof CopySettings>

/** One business of the shop, or (kind `other`) a database that is no business and is kept all the same. */
export const WorkspaceSettings = Type.Object({
  id: Handle,
  name: Name,
  kind: Type.Enum(['business', 'other']),
  source: SourceSettings,
  /** `reference`, or the path of a schema map; without one, tables are counted by their names. */
  schemaMap: Type.Optional(Type.String({ minLength: 1 })),
  /** How the till is stopped and started around a restore. Without `stop`, a restore waits for a person to close it. */
  till: Type.Optional(Type.Object({ stop: Type.Optional(Command), start: Type.Optional(Command) })),
  copies: Type.Array(CopySettings, { minItems: 1 }),
})
export type WorkspaceSettings = Static<typeof WorkspaceSettings>

export const DestinationSettings = Type.Object({
  name: Handle,
  kind: Type.Enum(['local']),
  path: Type.String({ minLength: 1 }),
})
export type DestinationSettings = Static<typeof DestinationSettings>

/** `tillsafe.json` in the home folder: what a shop has decided. Secrets are never in it. */
export const ShopSettings = Type.Object({
  $schema: Type.Optional(Type.String()),
  kind: Type.Literal('tillsafe.settings'),
  version: Type.Literal(1),
  shop: Type.Object({ name: Name, country: Type.String({ pattern: '^[A-Z]{2}$' }), timeZone: Name }),
  workspaces: Type.Array(WorkspaceSettings, { minItems: 1 }),
  destinations: Type.Array(DestinationSettings, { minItems: 1 }),
})
export type ShopSettings = Static<typeof ShopSettings>
