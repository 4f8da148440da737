import { printable, TillsafeError } from '../../../model/index.ts'
import type { FoundLock } from './lock-files.ts'

/** Says who is in the way. */
export function lockedError(lock: FoundLock): TillsafeError {
  if (lock.kind === 'unreadable') {
    return new TillsafeError(
      'vault.locked',
      `the vault has a lock that can't be judged: ${lock.problem.includes(lock.key) ? '' : `${lock.key}: `}${lock.problem}`,
      {
        hint: 'If no program works in this vault, on any machine, remove that file.',
      },
    )
  }
  const { exclusive, pid, hostname, username } = lock.file
  const holder = `process ${pid} of ${printable(username) || 'an unknown user'} on ${printable(hostname)}`
  const since = new Date(lock.writtenMs).toISOString()
  return new TillsafeError(
    'vault.locked',
    `the vault is ${exclusive ? 'exclusively ' : ''}locked by ${holder}, as of ${since}`,
    {
      hint: 'Wait until that work has ended, then try again. What it leaves when it is cut is cleared by itself: on that machine at once, elsewhere after 30 minutes.',
    },
  )
}
