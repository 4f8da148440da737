import { clearTheWay } from './clear-the-way.ts'
import type { LockFiles, OwnLock } from './lock-files.ts'
import { LOCK_TIMES } from './lock-times.ts'
import type { Pause } from './pause.ts'
import { removeLock } from './remove-lock.ts'

/** Our lock is not there any more: whoever found it stale has removed it before beginning. */
export class LockGone extends Error {}

/**
 * Writes a lock anew; the old one is then to be removed. It must be there before and after, or the lock is not ours any
 * more. When it was not renewed in time, others are looked for too, as if it were taken for the first time. Errors:
 * `LockGone`, `vault.locked`, those of the destination; the new one is removed again then.
 */
export async function renewLock(files: LockFiles, old: OwnLock, exclusive: boolean, pause: Pause): Promise<OwnLock> {
  await requireThere(files, old)
  const renewed = await files.write(exclusive)
  try {
    if (files.ageMs(old) >= LOCK_TIMES.doubtMs) {
      await pause(LOCK_TIMES.beforeLookMs, {})
      await clearTheWay(files, exclusive, [old.name, renewed.name])
    }
    await requireThere(files, old)
    return renewed
  } catch (error) {
    await removeLock(files, renewed.name, pause)
    throw error
  }
}

async function requireThere(files: LockFiles, { name }: OwnLock): Promise<void> {
  if (!(await files.has(name))) {
    throw new LockGone(`the lock ${name} is gone`)
  }
}
