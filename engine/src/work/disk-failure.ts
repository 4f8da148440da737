import { TillsafeError } from '../model/tillsafe-error.ts'
import { hasErrorCode } from './disk.ts'
import { firstError } from './first-error.ts'
import { freeBytes } from './free-space.ts'

/** What the operating system and SQLite say when a disk is full. */
const FULL = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'] as const
/** What the operating system says when a disk fails, is write-protected or gone, or may not be used. */
const BROKEN = ['EIO', 'EROFS', 'EACCES', 'EPERM', 'ENODEV', 'ENXIO', 'ESTALE', 'EBUSY', 'EMFILE', 'ENFILE'] as const
const BROKEN_IN_SQLITE = ['SQLITE_IOERR', 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM', 'SQLITE_AUTH'] as const

/** Whether an error says that a disk is full. */
function isFull(error: unknown): boolean {
  return hasErrorCode(error, ...FULL)
}

/** Whether an error comes from a disk, not from what is written on it. */
function isDiskError(error: unknown): error is Error & { code: string; path?: string } {
  return isFull(error) || hasErrorCode(error, ...BROKEN) || BROKEN_IN_SQLITE.some((prefix) => beginsWith(error, prefix))
}

/**
 * A failure of the disk under files of our own, in or below `folder`, as `space.short` naming the free bytes, or as
 * `disk.failed`; other errors pass.
 */
export async function diskFailure(thrown: unknown, folder: string): Promise<unknown> {
  const error = firstError(thrown)
  if (error instanceof TillsafeError || !isDiskError(error)) {
    return error
  }
  const free = await wordFreeBytes(folder)
  return isFull(error)
    ? new TillsafeError('space.short', `the disk of ${folder} is full: ${free}`, { cause: error })
    : new TillsafeError('disk.failed', `${error.path ?? folder} can't be used (${error.code}): ${free}`, {
        cause: error,
      })
}

/** SQLite often says of a full disk only that it can't open or write: so the bytes are always named. */
export async function wordFreeBytes(folder: string): Promise<string> {
  const free = await freeBytes(folder).catch(() => undefined)
  return free === undefined ? 'the disk does not answer' : `${free} bytes are free there`
}

function beginsWith(error: unknown, prefix: string): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith(prefix)
}
