import { TillsafeError } from '../../model/index.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { Expected } from '../source.ts'
import type { CipherKey } from './cipher-key.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { writeScratchDatabase } from './write-scratch-database.ts'

const HEADER_BYTES = 100

/**
 * What a safety backup tells the swap to find: the very bytes of a plain database. Those of an encrypted one change when a
 * checkpoint or another journal mode writes a page again; there it is what the pages hold.
 */
export async function expectUnchanged(
  safetyBackup: Snapshot,
  keys: readonly CipherKey[],
  scratch: string,
  job: JobContext,
): Promise<Expected> {
  const { database } = await safetyBackup.facts()
  if (database.encryption === 'none') {
    const header = await readHeader(safetyBackup)
    return { kind: 'unchanged', sha256: database.sha256, header: header.toString('base64') }
  }
  await requireSpace(scratch, database.bytes + MARGIN_BYTES, 'a look into the safety backup')
  await using folder = await TemporaryFolder.make(scratch, 'safety-')
  const file = folder.join('database')
  await writeScratchDatabase(safetyBackup, file, job.signal)
  const hash = await runSqliteTask({ kind: 'hash-content', file, of: 'the safety backup', keys }, job)
  return { kind: 'unchanged-content', hash }
}

async function readHeader(snapshot: Snapshot): Promise<Buffer> {
  for await (const entry of snapshot.entries()) {
    if (entry.part === 'database') {
      return readAll(await entry.open({ start: 0, end: HEADER_BYTES }))
    }
  }
  throw new TillsafeError('backup.damaged', 'the safety backup has no database')
}
