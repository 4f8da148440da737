import Type, { type Static } from 'typebox'
import { Sha256 } from './words.ts'

/** `config` of a repository: its format, and what makes its chunks its own (64 hexadecimal digits at most). */
export const VaultConfig = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  id: Sha256,
  chunker_polynomial: Type.String({ pattern: '^[0-9a-f]{1,16}$' }),
})
export type VaultConfig = Static<typeof VaultConfig>

const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 4096 })

/** A file of `keys/`: how a password becomes the key that opens `data`. */
export const VaultKeyFile = Type.Object({
  created: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
  kdf: Type.Literal('scrypt'),
  N: Type.Integer({ minimum: 2, maximum: 2 ** 22 }),
  r: Type.Integer({ minimum: 1, maximum: 64 }),
  p: Type.Integer({ minimum: 1, maximum: 1024 }),
  salt: Base64,
  data: Base64,
})
export type VaultKeyFile = Static<typeof VaultKeyFile>

/** What opens everything else in a repository, as it lies sealed in a key file. */
export const VaultMasterKey = Type.Object({
  mac: Type.Object({ k: Base64, r: Base64 }),
  encrypt: Base64,
})
export type VaultMasterKey = Static<typeof VaultMasterKey>

/** A file of `snapshots/`: a moment, and the tree of what there was. */
export const VaultSnapshotFile = Type.Object({
  time: Type.String(),
  parent: Type.Optional(Sha256),
  tree: Sha256,
  paths: Type.Union([Type.Array(Type.String()), Type.Null()]),
  hostname: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  original: Type.Optional(Sha256),
  program_version: Type.Optional(Type.String()),
})
export type VaultSnapshotFile = Static<typeof VaultSnapshotFile>
