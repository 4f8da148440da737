import Type, { type Static } from 'typebox'
import { DatabaseFingerprint } from './database-fingerprint.ts'
import { Id, Origin, Sha256, Tier, Trigger } from './words.ts'

const Whole = Type.Integer({ minimum: 0 })
const Text = Type.String({ maxLength: 1000 })

/** Which shop a backup belongs to; the public key is the shop's Ed25519 key (SPKI, DER, base64). */
export const ShopMark = Type.Object({ id: Id, name: Text, publicKey: Type.String({ maxLength: 200 }) })
export type ShopMark = Static<typeof ShopMark>

export const WorkspaceMark = Type.Object({ id: Text, name: Text, kind: Type.Enum(['business', 'other']) })
export type WorkspaceMark = Static<typeof WorkspaceMark>

const heading = {
  id: Id,
  /** Counts the backups of a workspace: 1, 2, 3 … An order that no clock can disturb. */
  sequence: Type.Integer({ minimum: 1 }),
  shop: ShopMark,
  workspace: WorkspaceMark,
  takenAt: Type.String({ format: 'date-time' }),
  trigger: Trigger,
  origin: Origin,
  tiers: Type.Array(Tier, { minItems: 1 }),
  tillsafeVersion: Text,
}

/** What is known of a backup from the moment its snapshot is taken. */
export const Heading = Type.Object(heading)
export type Heading = Static<typeof Heading>

/** The latest link of one fiscal chain of the till, as seen in the backup. */
export const ChainHead = Type.Object({
  chain: Text,
  register: Text,
  lastSequence: Type.Integer(),
  headHash: Text,
  count: Whole,
  perpetualTotal: Type.Optional(Type.Integer()),
})
export type ChainHead = Static<typeof ChainHead>

export const SectionCount = Type.Object({ name: Text, rows: Whole })
export type SectionCount = Static<typeof SectionCount>

/** How the bytes of a database copy are encrypted: as the source has them, never otherwise. */
export const DatabaseEncryption = Type.Enum(['none', 'sqlcipher-3', 'sqlcipher-4'])
export type DatabaseEncryption = Static<typeof DatabaseEncryption>

const facts = {
  database: Type.Object({
    engine: Type.Enum(['sqlite']),
    bytes: Whole,
    sha256: Sha256,
    fingerprint: DatabaseFingerprint,
    /** `damaged`: copied exactly, but the engine's own check finds faults in it, as it does in the source. */
    condition: Type.Enum(['sound', 'damaged']),
    encryption: DatabaseEncryption,
  }),
  applicationVersion: Type.Optional(Text),
  schemaMap: Type.Optional(Text),
  sections: Type.Array(SectionCount),
  counters: Type.Record(Type.String(), Whole),
  fiscalPeriod: Type.Optional(Type.Object({ from: Text, to: Text })),
  chainHeads: Type.Array(ChainHead),
  /** What was noticed and did not stop the backup: sentences for a person. */
  problems: Type.Array(Text),
}

/** What the source found out about a snapshot: complete only once the copy has been checked. */
export const Facts = Type.Object(facts)
export type Facts = Static<typeof Facts>

/** The images of a backup: how many, and the SHA-256 of the list that names each. */
export const ImagesMark = Type.Object({ count: Whole, bytes: Whole, list: Sha256 })
export type ImagesMark = Static<typeof ImagesMark>

/** The version of the label that this Tillsafe writes; it reads this one and older. */
export const LABEL_VERSION = 1

/** Everything that is known of a backup, kept beside it and signed with the shop's key. */
export const Label = Type.Object({
  kind: Type.Literal('tillsafe.label'),
  version: Type.Literal(LABEL_VERSION),
  ...heading,
  ...facts,
  images: Type.Optional(ImagesMark),
})
export type Label = Static<typeof Label>
