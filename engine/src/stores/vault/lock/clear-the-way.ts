import { TillsafeError } from '../../../model/index.ts'
import { judgeLocks } from './judge-locks.ts'
import type { LockFiles } from './lock-files.ts'
import { lockedError } from './locked-error.ts'

/**
 * Makes certain that nobody's lock is in the way of ours. Stale ones are removed; after that it looks again, since a
 * holder who wakes up renews a lock that is still there. `own` are the names of our locks, the newest last, if one is
 * written. Errors: `vault.locked`; `destination.failed` when a listing lacks that one: it would lack those of others.
 */
export async function clearTheWay(files: LockFiles, exclusive: boolean, own: readonly string[]): Promise<void> {
  const written = own.at(-1)
  const removed = new Set<string>()
  for (;;) {
    const locks = (await files.list()).filter(({ name }) => !removed.has(name))
    if (written !== undefined && !locks.some(({ name }) => name === written)) {
      throw new TillsafeError('destination.failed', 'the list of locks does not show the one that was just written')
    }
    const nowMs = Date.parse(files.clock.now())
    const { inTheWay, stale, litter } = judgeLocks(locks, exclusive, own, files.user, nowMs)
    if (inTheWay !== undefined) {
      throw lockedError(inTheWay)
    }
    for (const name of litter) {
      await files.remove(name).catch(() => undefined) // it is in the way of others only
      removed.add(name)
    }
    for (const name of stale) {
      await files.remove(name)
      removed.add(name)
    }
    if (stale.length === 0) {
      return
    }
  }
}
