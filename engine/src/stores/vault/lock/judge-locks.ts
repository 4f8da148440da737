import type { VaultUser } from '../../../work/vault-user.ts'
import type { FoundLock } from './lock-files.ts'
import { LOCK_TIMES } from './lock-times.ts'

/** What the locks of others mean for one that we want, or hold. */
export interface LockVerdict {
  /** Why it can't be: the first that does not go together with it, and is somebody's or can't be judged. */
  readonly inTheWay?: FoundLock
  /** Those that would be in the way, and are nobody's any more. */
  readonly stale: readonly string[]
  /** Those that processes of this machine have left: they stop other programs, `restic check` for one. */
  readonly litter: readonly string[]
}

/** Shared locks go together; an exclusive one is alone. Stale are those that `restic unlock` removes. `own` are ours. */
export function judgeLocks(
  locks: readonly FoundLock[],
  exclusive: boolean,
  own: readonly string[],
  user: VaultUser,
  nowMs: number,
): LockVerdict {
  const others = locks.filter(({ name }) => !own.includes(name))
  const lasting = others.filter((lock) => !isOld(lock, nowMs) && !isLeft(lock, user))
  const [inTheWay] = lasting.filter((lock) => collides(lock, exclusive))
  const gone = others.filter((lock) => !lasting.includes(lock))
  return {
    ...(inTheWay === undefined ? {} : { inTheWay }),
    stale: gone.filter((lock) => collides(lock, exclusive)).map(({ name }) => name),
    litter: gone.filter((lock) => !collides(lock, exclusive) && isLeft(lock, user)).map(({ name }) => name),
  }
}

function collides(lock: FoundLock, exclusive: boolean): boolean {
  return exclusive || lock.kind === 'unreadable' || lock.file.exclusive
}

function isOld(lock: FoundLock, nowMs: number): boolean {
  return lock.kind === 'lock' && nowMs - lock.writtenMs > LOCK_TIMES.staleMs
}

/** Of a process on this machine that is gone. */
function isLeft(lock: FoundLock, user: VaultUser): boolean {
  return (
    lock.kind === 'lock' && lock.file.hostname === user.hostname && lock.file.pid > 0 && !user.isAlive(lock.file.pid)
  )
}
