import { throwIfCancelled } from '../../../work/cancel.ts'
import type { JobContext } from '../../../work/job-context.ts'
import type { VaultUser } from '../../../work/vault-user.ts'
import { hasCode } from '../../has-code.ts'
import type { Repository } from '../repository/repository.ts'
import { clearTheWay } from './clear-the-way.ts'
import { LockFiles } from './lock-files.ts'
import { LOCK_TIMES } from './lock-times.ts'
import { type Pause, pause as pauseForReal } from './pause.ts'
import { removeLock } from './remove-lock.ts'
import { VaultLock } from './vault-lock.ts'

/** A lock that somebody wants. */
export interface WantedLock {
  /** Alone, to remove what others may be reading; else beside others who add and read. */
  readonly exclusive: boolean
  /** So long others are waited for; without it, not at all. */
  readonly waitMs?: number
}

/**
 * Locks a vault, as restic does: both may work in it at the same time. Errors: `vault.locked`, `job.cancelled`, those of
 * the destination; nothing of ours is left there then.
 */
export async function holdLock(
  repository: Repository,
  { exclusive, waitMs = 0 }: WantedLock,
  user: VaultUser,
  job: JobContext,
  pause: Pause = pauseForReal,
): Promise<VaultLock> {
  const files = new LockFiles(repository, user, job.clock)
  const until = job.clock.ticks() + waitMs
  for (let nextMs: number = LOCK_TIMES.firstRetryMs; ; nextMs = Math.min(2 * nextMs, LOCK_TIMES.longestRetryMs)) {
    throwIfCancelled(job.signal)
    try {
      return await tryToHold(files, exclusive, job, pause)
    } catch (error) {
      const leftMs = until - job.clock.ticks()
      if (!hasCode(error, 'vault.locked') || leftMs <= 0) {
        throw error
      }
      await waitFor(Math.min(nextMs, leftMs), job, pause)
    }
  }
}

/** Looks before, so that who only waits disturbs nobody; and after, since two may have looked at the same time. */
async function tryToHold(files: LockFiles, exclusive: boolean, job: JobContext, pause: Pause): Promise<VaultLock> {
  await clearTheWay(files, exclusive, [])
  const own = await files.write(exclusive)
  try {
    await waitFor(LOCK_TIMES.beforeLookMs, job, pause)
    await clearTheWay(files, exclusive, [own.name])
    throwIfCancelled(job.signal)
    return new VaultLock(files, exclusive, own, pause)
  } catch (error) {
    await removeLock(files, own.name, pause)
    throw error
  }
}

async function waitFor(milliseconds: number, job: JobContext, pause: Pause): Promise<void> {
  await pause(milliseconds, { signal: job.signal }).catch((error: unknown) => {
    throwIfCancelled(job.signal)
    throw error
  })
}
