import { dirname } from 'node:path'
import type { ErrorCode } from '../../model/index.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { diskFailure, wordFreeBytes } from '../../work/disk-failure.ts'
import { isMissingPart } from './read-fingerprint.ts'

/** Which files a task touches: those of the till, and those that we make. */
export interface TaskFiles {
  /** The database as messages name it. */
  readonly database: string
  /** The folder of a copy that the task makes or looks into. */
  readonly ours?: string | undefined
  /** Whether every file that the task opens is ours: what lies in them comes from the till all the same. */
  readonly onlyOurs: boolean
}

/** What an error of the engine or of the disk means for a person; other errors pass unchanged. */
export async function sqliteFailure(error: unknown, files: TaskFiles): Promise<unknown> {
  if (error instanceof TillsafeError || !(error instanceof Error) || !('code' in error)) {
    return error
  }
  if (files.ours !== undefined && (files.onlyOurs || isOfOurs(error, files.ours))) {
    const failure = await diskFailure(error, files.ours)
    if (failure !== error) {
      return failure
    }
  }
  if (isMissingPart(error)) {
    return new TillsafeError('source.needs-till', `${files.database} uses what only its till has: ${error.message}`, {
      cause: error,
    })
  }
  const code = String(error.code)
  const known = meanings.find(([prefix]) => code.startsWith(prefix))
  if (known === undefined) {
    return error
  }
  const free =
    known[1] === 'source.unreadable' || known[0] === 'SQLITE_CANTOPEN'
      ? `; ${await wordFreeBytes(dirname(files.database))}`
      : ''
  return new TillsafeError(known[1], `${files.database} ${known[2]}${free}`, { cause: error })
}

/** We only read the files of a till: what fails in writing is ours. */
function isOfOurs(error: Error & { path?: string; syscall?: string }, folder: string): boolean {
  const writing = ['write', 'pwrite', 'fsync', 'fdatasync', 'ftruncate']
  return error.path?.startsWith(folder) === true || writing.includes(error.syscall ?? '')
}

const meanings: readonly (readonly [string, ErrorCode, string])[] = [
  ['SQLITE_NOTADB', 'source.not-a-database', 'is not a SQLite database, or an encrypted one'],
  ['SQLITE_CORRUPT', 'source.damaged', 'is a damaged database'],
  // Our questions are right: what the engine can't make sense of is what the file says of itself.
  ['SQLITE_ERROR', 'source.damaged', 'is a damaged database: what it says of itself makes no sense'],
  ['SQLITE_MISMATCH', 'source.damaged', 'is a damaged database: its rows are of a kind that their table can’t hold'],
  ['SQLITE_NOMEM', 'source.damaged', 'is a damaged database: it asks for more memory than it can need'],
  ['SQLITE_BUSY', 'source.locked', 'is locked by another program'],
  ['SQLITE_LOCKED', 'source.locked', 'is locked by another program'],
  ['SQLITE_PERM', 'source.denied', 'may not be read'],
  ['SQLITE_AUTH', 'source.denied', 'may not be read'],
  [
    'SQLITE_READONLY',
    'source.denied',
    'can be read only after its journal is rolled back, which needs the right to write',
  ],
  ['SQLITE_CANTOPEN', 'source.denied', 'or a file beside it cannot be opened'],
  ['SQLITE_IOERR', 'source.unreadable', 'cannot be read: its disk is full or reports an error'],
  ['SQLITE_FULL', 'source.unreadable', 'cannot be opened: its disk is full'],
  ['EACCES', 'source.denied', 'may not be read'],
  ['EPERM', 'source.denied', 'may not be read'],
  ['EROFS', 'source.denied', 'lies on a disk that is write-protected'],
  ['EIO', 'source.unreadable', 'cannot be read: the disk reports an error'],
  ['ENOSPC', 'source.unreadable', 'cannot be replaced: its disk is full'],
]
