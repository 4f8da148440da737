import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type RestoreOrigin, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { SqliteSource } from '../sources/sqlite/sqlite-source.ts'
import type { Unlock } from '../work/age/unseal.ts'
import { realDisk } from '../work/disk.ts'
import { makeFolder } from '../work/durable-files.ts'
import type { JobContext } from '../work/job-context.ts'
import { databaseKeysOf } from './database-keys.ts'
import type { Desk } from './desk.ts'
import { openings } from './restore-origin.ts'

/** What was written into a new folder. */
export interface RestoredFolder {
  readonly database: string
  readonly images?: string
}

/** Restores into a folder that does not exist yet, by the same steps as into the live place. Errors: `restore.target-exists`. */
export async function restoreInto(
  from: RestoreOrigin,
  key: Unlock | undefined,
  folder: string,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<RestoredFolder> {
  if (await lstat(folder).catch(() => undefined)) {
    throw new TillsafeError('restore.target-exists', `${folder} exists already`)
  }
  await makeFolder(realDisk, dirname(folder))
  let firstError: unknown
  for (const open of await openings(from, key, workspace, desk, job)) {
    let isOurs = false
    try {
      await using snapshot = await open()
      await realDisk.mkdir(folder)
      isOurs = true
      const source = new SqliteSource({
        settings: { engine: 'sqlite', database: join(folder, 'database.db'), images: join(folder, 'images') },
        scratch: desk.shop.home.scratch,
        keys: databaseKeysOf(desk.shop.secrets, workspace),
      })
      const staged = await source.stage(snapshot, from.id, job)
      await source.swap(staged, { kind: 'no-database', ruins: [] }, job)
      await source.forget(from.id)
      return { database: join(folder, 'database.db'), ...(staged.withImages && { images: join(folder, 'images') }) }
    } catch (error) {
      if (isOurs) {
        await realDisk.removeTree(folder)
      }
      if (job.signal.aborted) {
        throw error
      }
      firstError ??= error
    }
  }
  throw firstError
}
