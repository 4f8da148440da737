import type { Snapshot } from '../../snapshot/snapshot.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { CipherKey } from './cipher-key.ts'
import { findDifferences } from './find-differences.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { writeScratchDatabase } from './write-scratch-database.ts'

/** Opens the database of a snapshot in a scratch folder. What does not fit, as sentences. Errors: `source.key-wrong` … */
export async function checkDatabase(
  snapshot: Snapshot,
  scratch: string,
  job: JobContext,
  keys: readonly CipherKey[] = [],
): Promise<string[]> {
  const { database } = await snapshot.facts()
  await requireSpace(scratch, database.bytes + MARGIN_BYTES, 'checking the database')
  await using folder = await TemporaryFolder.make(scratch, 'check-')
  const file = folder.join('database')
  await writeScratchDatabase(snapshot, file, job.signal)
  job.report({ step: 'check', bytes: database.bytes, totalBytes: database.bytes })
  return findDifferences(database, await runSqliteTask({ kind: 'inspect', file, of: 'the backup', keys }, job))
}
