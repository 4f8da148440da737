import type { ChildProgress } from '../../work/confined-child.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { readFingerprint, readSettings } from './read-fingerprint.ts'
import type { CopiedPages, SnapshotTask } from './snapshot-task.ts'

const PAGES_A_STEP = 2000

/**
 * The fallback: the engine's own online backup, from a connection that holds a read transaction. Without the
 * transaction it would begin again at each commit of the till, and might never end.
 */
export async function copyByEngine(
  connection: Sqlite,
  task: SnapshotTask,
  progress: ChildProgress,
): Promise<CopiedPages> {
  const begun = performance.now()
  const pageSize = Number(connection.pragma('page_size', { simple: true }))
  const reports: Promise<void>[] = []
  await connection.backup(task.target, {
    progress({ totalPages, remainingPages }) {
      reports.push(progress((totalPages - remainingPages) * pageSize, totalPages * pageSize))
      return PAGES_A_STEP
    },
  })
  await Promise.all(reports)
  const fingerprint = { ...readFingerprint(connection), schemaVersion: schemaVersionOf(task.target) }
  return { fingerprint, way: 'engine', pinnedMs: performance.now() - begun }
}

/** The engine gives a copy a schema cookie of its own, so that nobody mistakes a cached schema for it. */
function schemaVersionOf(file: string): number {
  using copy = openSqlite(file, 'read-only')
  return readSettings(copy).schemaVersion
}
