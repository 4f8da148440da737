import { dirname } from 'node:path'
import { LABEL_VERSION, type Label, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import type { Entry } from '../snapshot/entry.ts'
import { readFileRange } from '../snapshot/file-content.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { encodeLabel } from '../stores/label-file.ts'
import { cancellable } from '../work/cancel.ts'
import { hasErrorCode, realDisk } from '../work/disk.ts'
import { once, writeNewFile } from '../work/durable-files.ts'
import { requireSpace } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { sha256Of } from '../work/sha256.ts'
import type { Desk } from './desk.ts'
import { ASIDE, makeHeading } from './make-heading.ts'

const MARGIN_BYTES = 64 * 1024 * 1024

export interface ExportedDatabase {
  readonly file: string
  readonly labelFile: string
  readonly label: Label
}

/** A hot copy for a person: one plain database file, read back and compared, and its label beside it. */
export async function exportDatabase(
  workspace: WorkspaceSettings,
  file: string,
  desk: Desk,
  job: JobContext,
): Promise<ExportedDatabase> {
  const source = await desk.shop.source(workspace)
  await using snapshot = await source.take(makeHeading(workspace, desk, ASIDE), job)
  const entry = await databaseOf(snapshot)
  await requireSpace(dirname(file), entry.bytes + MARGIN_BYTES, 'the exported database')
  const label = await write(snapshot, entry, file, job)
  const labelFile = `${file}.json`
  await writeOnce(labelFile, once(encodeLabel(label, desk.shop.signer)))
  await realDisk.syncFolder(dirname(file))
  return { file, labelFile, label }
}

async function write(snapshot: Snapshot, entry: Entry, file: string, job: JobContext): Promise<Label> {
  await writeOnce(file, cancellable(await entry.open(), job.signal))
  try {
    const facts = await snapshot.facts()
    const written = await sha256Of(readFileRange(file, { start: 0, end: entry.bytes + 1 }))
    if (written.sha256 !== facts.database.sha256) {
      throw new TillsafeError('destination.failed', `what was written to ${file} differs from the database`)
    }
    return { kind: 'tillsafe.label', version: LABEL_VERSION, ...snapshot.heading, ...facts }
  } catch (error) {
    await realDisk.unlink(file)
    throw error
  }
}

async function databaseOf(snapshot: Snapshot): Promise<Entry> {
  for await (const entry of snapshot.entries()) {
    if (entry.part === 'database') {
      return entry
    }
  }
  throw new TillsafeError('source.missing', 'the snapshot has no database')
}

async function writeOnce(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await writeNewFile(realDisk, file, bytes)
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      throw new TillsafeError('restore.target-exists', `${file} exists already, and is not replaced`, { cause: error })
    }
    throw error
  }
}
