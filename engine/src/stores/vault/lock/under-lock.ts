import type { JobContext } from '../../../work/job-context.ts'
import type { VaultUser } from '../../../work/vault-user.ts'
import type { Repository } from '../repository/repository.ts'
import { holdLock, type WantedLock } from './hold-lock.ts'
import type { Pause } from './pause.ts'
import type { VaultLock } from './vault-lock.ts'

/**
 * Works in a vault under a lock. The work gets a job that is cancelled too when the lock is lost, and has been done only
 * if the lock was held to its end. Errors: those of `holdLock` and of the work; `vault.lock-lost`.
 */
export async function underLock<T>(
  repository: Repository,
  wanted: WantedLock,
  user: VaultUser,
  job: JobContext,
  work: (job: JobContext, lock: VaultLock) => Promise<T>,
  pause?: Pause,
): Promise<T> {
  await using lock = await holdLock(repository, wanted, user, job, pause)
  const signal = AbortSignal.any([job.signal, lock.signal])
  try {
    const result = await work({ clock: job.clock, signal, report: (progress) => job.report(progress) }, lock)
    await lock.requireHeld()
    return result
  } catch (error) {
    throw lock.signal.aborted && !job.signal.aborted ? lock.signal.reason : error
  }
}
