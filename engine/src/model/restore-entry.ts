import Type, { type Static } from 'typebox'
import { ChainHead } from './label.ts'
import { RestoreReason } from './restore-plan.ts'
import { Id, Sha256 } from './words.ts'

const Staged = Type.Object({
  restore: Id,
  sha256: Sha256,
  bytes: Type.Integer({ minimum: 0 }),
  withImages: Type.Boolean(),
})

const Expected = Type.Union([
  Type.Object({ kind: Type.Literal('unchanged'), sha256: Sha256, header: Type.String() }),
  Type.Object({ kind: Type.Literal('unchanged-content'), hash: Sha256 }),
  Type.Object({
    kind: Type.Literal('no-database'),
    ruins: Type.Array(Type.Object({ ending: Type.String(), bytes: Type.Integer(), modifiedMs: Type.Number() })),
  }),
])

const about = {
  kind: Type.Literal('tillsafe.restore'),
  id: Id,
  workspace: Type.String(),
  backup: Id,
  reason: RestoreReason,
}

/**
 * A restore, as far as it has come. `prepare`: nothing live was touched. `commit`: decided, everything that is needed
 * waits beside the live data, and the restore is finished whatever happens. `done`: what stood there before is still
 * kept, until a newer backup is good.
 */
export const RestoreEntry = Type.Union([
  Type.Object({ ...about, state: Type.Literal('prepare') }),
  Type.Object({
    ...about,
    state: Type.Enum(['commit', 'done']),
    safetyBackup: Type.Optional(Id),
    chainHeads: Type.Array(ChainHead),
    staged: Staged,
    expected: Expected,
  }),
])
export type RestoreEntry = Static<typeof RestoreEntry>
export type CommittedRestore = Extract<RestoreEntry, { staged: unknown }>
