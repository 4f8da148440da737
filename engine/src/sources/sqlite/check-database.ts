import { fingerprintDifferences } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { CipherKey } from './cipher-key.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { writeScratchDatabase } from './write-scratch-database.ts'

const MARGIN_BYTES = 64 * 1024 * 1024

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
  const { fingerprint, faults, encryption } = await runSqliteTask(
    { kind: 'inspect', file, of: 'the backup', keys },
    job,
  )
  const differences = fingerprintDifferences(database.fingerprint, fingerprint)
  if (encryption !== database.encryption) {
    differences.push(`encryption is ${encryption}, expected ${database.encryption}`)
  }
  return database.condition === 'sound' ? [...differences, ...faults] : differences
}
