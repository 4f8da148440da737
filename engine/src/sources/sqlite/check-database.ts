import { open } from 'node:fs/promises'
import { fingerprintDifferences } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { cancellable } from '../../work/cancel.ts'
import { requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { runSqliteTask } from './sqlite-process.ts'

const MARGIN_BYTES = 64 * 1024 * 1024

/** Opens the database of a snapshot in a scratch folder. What does not fit, as sentences. */
export async function checkDatabase(snapshot: Snapshot, scratch: string, job: JobContext): Promise<string[]> {
  const { database } = await snapshot.facts()
  await requireSpace(scratch, database.bytes + MARGIN_BYTES, 'checking the database')
  await using folder = await TemporaryFolder.make(scratch, 'check-')
  const file = folder.join('database')
  for await (const entry of snapshot.entries()) {
    if (entry.part === 'database') {
      await writeScratchFile(file, cancellable(await entry.open(), job.signal))
    }
  }
  job.report({ step: 'check', bytes: database.bytes, totalBytes: database.bytes })
  const { fingerprint, faults } = await runSqliteTask({ kind: 'inspect', file, of: 'the backup' }, job)
  const differences = fingerprintDifferences(database.fingerprint, fingerprint)
  return database.condition === 'sound' ? [...differences, ...faults] : differences
}

/** Not synced: it is gone before that matters. */
async function writeScratchFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  for await (const chunk of bytes) {
    await file.writeFile(chunk)
  }
}
