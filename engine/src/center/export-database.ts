import { dirname } from 'node:path'
import { LABEL_VERSION, type Label, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { Content } from '../snapshot/content.ts'
import type { Entry } from '../snapshot/entry.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { encodeLabel } from '../stores/label-file.ts'
import { type Lock, sealed } from '../work/age/seal.ts'
import { realDisk } from '../work/disk.ts'
import { MARGIN_BYTES, requireSpace } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { sha256Of } from '../work/sha256.ts'
import { labelPathOf } from './brought/file-endings.ts'
import type { Desk } from './desk.ts'
import { ASIDE, makeHeading } from './make-heading.ts'
import { requireOpens } from './require-opens.ts'
import { type ExportedFile, type ExportRequest, requireFree, writeExport } from './write-export.ts'

export interface ExportedDatabase {
  readonly file: string
  readonly labelFile: string
  readonly label: Label
}

/** A hot copy for a person: one database file, read back and compared, and its label beside it. */
export async function exportDatabase(
  workspace: WorkspaceSettings,
  { output, lock }: ExportRequest,
  desk: Desk,
  job: JobContext,
): Promise<ExportedDatabase> {
  const source = await desk.shop.source(workspace)
  await using snapshot = await source.take(makeHeading(workspace, desk, ASIDE), job)
  const entry = await databaseOf(snapshot)
  await requireSpace(dirname(output), entry.bytes + MARGIN_BYTES, 'the exported database')
  const labelFile = labelPathOf(output)
  await requireFree(output)
  await requireFree(labelFile)
  let label: Label | undefined
  await writeOne(output, entry, lock, desk, job, async () => {
    label = await labelOf(snapshot, entry)
  })
  if (label === undefined) {
    throw new Error('a file was named before its label was known')
  }
  try {
    await writeOne(labelFile, bytesContent(encodeLabel(label, desk.shop.signer)), lock, desk, job)
  } catch (error) {
    await realDisk.unlink(output) // without its label it is nobody's
    throw error
  }
  const { id, database } = label
  desk.audit.add({
    act: 'database.exported',
    details: { file: output, backup: id, sha256: database.sha256, sealed: lock?.kind ?? null },
  })
  return { file: output, labelFile, label }
}

async function writeOne(
  file: string,
  content: Content,
  lock: Lock | undefined,
  desk: Desk,
  job: JobContext,
  check: () => Promise<void> = async () => undefined,
): Promise<ExportedFile> {
  const plain = await content.open()
  if (lock === undefined) {
    return writeExport(file, plain, check, desk, job)
  }
  const { sha256 } = await sha256Of(await content.open())
  const checkAll = async (draft: string) => {
    await requireOpens(draft, lock, sha256, job)
    await check()
  }
  return writeExport(file, sealed(plain, lock), checkAll, desk, job)
}

/** The copy that was read is the one that was checked: the facts come from another process. */
async function labelOf(snapshot: Snapshot, entry: Entry): Promise<Label> {
  const facts = await snapshot.facts()
  const { sha256 } = await sha256Of(await entry.open())
  if (sha256 !== facts.database.sha256) {
    throw new TillsafeError('backup.damaged', 'the copy on its way is not the database that was checked')
  }
  return { kind: 'tillsafe.label', version: LABEL_VERSION, ...snapshot.heading, ...facts }
}

async function databaseOf(snapshot: Snapshot): Promise<Entry> {
  for await (const entry of snapshot.entries()) {
    if (entry.part === 'database') {
      return entry
    }
  }
  throw new TillsafeError('source.missing', 'the snapshot has no database')
}
