import Type, { type Static } from 'typebox'

/** A file of `locks/`: who works in a repository. `uid` and `gid` are left out where they are 0. */
export const VaultLockFile = Type.Object({
  time: Type.String(),
  exclusive: Type.Boolean(),
  hostname: Type.String(),
  username: Type.String(),
  pid: Type.Integer(),
  uid: Type.Optional(Type.Integer()),
  gid: Type.Optional(Type.Integer()),
})
export type VaultLockFile = Static<typeof VaultLockFile>
