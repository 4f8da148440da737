import type { JobContext } from '../../work/job-context.ts'
import type { CipherKey } from './cipher-key.ts'
import type { LookResult } from './look.ts'
import { requireDatabase } from './require-database.ts'
import { runSqliteTask } from './sqlite-process.ts'

/**
 * Opens a live database for a moment and says what it is; with `keys`, it has to be an encrypted one that one of them
 * opens. Errors as those of a snapshot.
 */
export async function lookAt(database: string, job: JobContext, keys?: readonly CipherKey[]): Promise<LookResult> {
  await requireDatabase(database)
  return runSqliteTask({ kind: 'look', database, ...(keys && { keys }) }, job)
}
