import { mkdir } from 'node:fs/promises'
import { type Backup, failureOf, type WorkspaceSettings } from '../model/index.ts'
import { checkDatabase } from '../sources/sqlite/check-database.ts'
import type { JobContext } from '../work/job-context.ts'
import { databaseKeysOf } from './database-keys.ts'
import type { Desk } from './desk.ts'
import { shelvesOf } from './find-backups.ts'
import type { Shelf } from './shop.ts'

/** What verifying one backup found: sentences, each naming its destination; none when every copy is whole. */
export interface VerifyResult {
  readonly id: string
  readonly ok: boolean
  readonly problems: readonly string[]
}

/** Reads every byte of every copy of a backup, compares it with the label, and opens the database from it. */
export async function verifyBackup(
  backup: Backup,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<VerifyResult> {
  const problems: string[] = []
  for (const shelf of shelvesOf(desk.shop, workspace, backup)) {
    const found = await problemsOf(backup, shelf, workspace, desk, job)
    problems.push(...found.map((problem) => `${shelf.destination.name}: ${problem}`))
  }
  return { id: backup.label.id, ok: problems.length === 0, problems }
}

async function problemsOf(
  backup: Backup,
  shelf: Shelf,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<readonly string[]> {
  try {
    const stored = await shelf.store.verify(backup.label.id, job)
    if (stored.length > 0) {
      return stored
    }
    await mkdir(desk.shop.home.scratch, { recursive: true })
    await using snapshot = await shelf.store.open(backup.label.id, job)
    return await checkDatabase(snapshot, desk.shop.home.scratch, job, databaseKeysOf(desk.shop.secrets, workspace))
  } catch (error) {
    if (job.signal.aborted) {
      throw error
    }
    return [failureOf(error).message]
  }
}
