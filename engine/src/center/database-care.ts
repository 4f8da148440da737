import { dirname } from 'node:path'
import type { DatabaseFingerprint, WorkspaceSettings } from '../model/index.ts'
import { lookAt } from '../sources/sqlite/look-at.ts'
import { runSqliteTask } from '../sources/sqlite/sqlite-process.ts'
import { requireSpace } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { databaseKeysOf } from './database-keys.ts'
import type { Desk } from './desk.ts'
import { ASIDE, makeHeading } from './make-heading.ts'

/** What the engine's own check says of a live database. */
export interface DatabaseCheck {
  readonly ok: boolean
  readonly faults: readonly string[]
  readonly fingerprint: DatabaseFingerprint
}

export interface DatabaseOptimization {
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Whether the whole file was rewritten. */
  readonly vacuumed: boolean
}

export async function checkLive(workspace: WorkspaceSettings, desk: Desk, job: JobContext): Promise<DatabaseCheck> {
  const source = await desk.shop.source(workspace)
  await using snapshot = await source.take(makeHeading(workspace, desk, ASIDE), job)
  const { database, problems } = await snapshot.facts()
  const faults = database.condition === 'sound' ? [] : problems
  return { ok: database.condition === 'sound', faults, fingerprint: database.fingerprint }
}

/** The till must be closed: rewriting takes the database for itself. */
export async function optimizeLive(
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<DatabaseOptimization> {
  const { database, encryption } = workspace.source
  const keys = encryption && databaseKeysOf(desk.shop.secrets, workspace)
  await (await desk.shop.source(workspace)).requireClosed(job)
  const { bytes } = await lookAt(database, job, keys)
  await requireSpace(dirname(database), 2 * bytes, 'rewriting the database')
  const result = await runSqliteTask({ kind: 'optimize', database, ...(keys && { keys }) }, job)
  desk.audit.add({ act: 'database.optimized', details: { workspace: workspace.id, ...result } })
  return result
}
