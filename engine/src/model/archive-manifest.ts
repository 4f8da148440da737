import Type, { type Static } from 'typebox'
import { Label, ShopMark } from './label.ts'
import { Sha256 } from './words.ts'

/** The version of the manifest that this Tillsafe writes; it reads this one and older. */
export const MANIFEST_VERSION = 1

/** One file of an archive. */
export const ArchiveEntry = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  /** When an image was last changed, in milliseconds since 1970, where that was known. */
  modifiedMs: Type.Optional(Type.Number()),
})
export type ArchiveEntry = Static<typeof ArchiveEntry>

/** One backup in an archive. */
export const ArchivePart = Type.Object({
  /** The folder in the archive: empty when the archive holds one workspace, else the id of the workspace. */
  folder: Type.String({ pattern: '^([a-z0-9][a-z0-9-]{0,62})?$' }),
  label: Label,
})
export type ArchivePart = Static<typeof ArchivePart>

/**
 * `manifest.json` of an archive: one workspace, or the whole shop. The file also names every entry of the archive, the
 * manifest and its signature apart, as `ArchiveEntry`: these are many, and nobody holds them all. The bytes of the file are
 * signed: see docs/format/archive.md.
 */
export const ArchiveManifest = Type.Object({
  kind: Type.Literal('tillsafe.archive'),
  version: Type.Literal(MANIFEST_VERSION),
  holds: Type.Enum(['workspace', 'shop']),
  shop: ShopMark,
  madeAt: Type.String({ format: 'date-time' }),
  tillsafeVersion: Type.String({ maxLength: 1000 }),
  parts: Type.Array(ArchivePart, { minItems: 1 }),
})
export type ArchiveManifest = Static<typeof ArchiveManifest>
