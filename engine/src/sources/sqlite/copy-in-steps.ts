import { closeSync, existsSync, fstatSync, openSync, unlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { ChildProgress } from '../../work/confined-child.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { countInSteps } from './count-in-steps.ts'
import type { DatabaseHeader } from './database-header.ts'
import type { PageCipher } from './page-cipher.ts'
import { PageCopier } from './page-copier.ts'
import type { PageLayout } from './page-layout.ts'
import { ReadSteps, StateChanged } from './read-steps.ts'
import type { CopiedPages, SnapshotTask } from './snapshot-task.ts'

/** A writer waits about this long at most for one of our steps, in milliseconds: well below the 50 that we promise. */
const STEP_MS = 15
/** Megabytes that one step reads at most. */
const PIECES = 8
const ATTEMPTS = 40
const BUSY_MS = 5000

/**
 * Copies a database in rollback-journal mode, where a reader holds writers up: in short steps. When something was
 * committed in between, the copy begins again, a bounded number of times.
 */
export async function copyInSteps(
  task: SnapshotTask,
  database: number,
  cipher: PageCipher | undefined,
  progress: ChildProgress,
): Promise<CopiedPages> {
  // A journal that a crash left is rolled back first, as the till would at its next start: that needs to write.
  const connection = openSqlite(
    task.database,
    existsSync(`${task.database}-journal`) ? 'read-write' : 'read-only',
    BUSY_MS,
    cipher,
  )
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        return await copyOnce(task, new ReadSteps(connection, database, cipher), connection, database, progress)
      } catch (error) {
        if (!(error instanceof StateChanged)) {
          throw error
        }
      }
      await setTimeout(STEP_MS * (1 + (attempt % 7)))
    }
  } finally {
    connection.close()
  }
  throw new TillsafeError('source.busy', `the till writes to ${task.database} too often for a copy in short steps`)
}

async function copyOnce(
  task: SnapshotTask,
  steps: ReadSteps,
  connection: Sqlite,
  database: number,
  progress: ChildProgress,
): Promise<CopiedPages> {
  const target = openSync(task.target, 'wx', 0o600)
  try {
    const copier = await steps.run((header) => new PageCopier(layoutOf(header, database), target, PIECES))
    while (!copier.isDone) {
      await steps.run(() => copier.read(performance.now() + STEP_MS))
      copier.write()
      await progress(copier.bytes, copier.totalBytes)
    }
    const fingerprint = await countInSteps(connection, steps)
    return { fingerprint, way: 'steps', pinnedMs: steps.longestMs }
  } catch (error) {
    unlinkSync(task.target)
    throw error
  } finally {
    closeSync(target)
  }
}

function layoutOf(header: DatabaseHeader, database: number): PageLayout {
  const pages = header.pages || Math.floor(fstatSync(database).size / header.pageSize)
  return { database, wal: -1, walPages: new Map(), pageSize: header.pageSize, pages }
}
