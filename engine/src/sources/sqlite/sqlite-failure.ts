import type { ErrorCode } from '../../model/index.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'

/** What the engine's error about a live database means for a person; other errors pass unchanged. */
export function sqliteFailure(error: unknown, file: string): unknown {
  if (error instanceof TillsafeError || !(error instanceof Error) || !('code' in error)) {
    return error
  }
  const code = String(error.code)
  const known = meanings.find(([prefix]) => code.startsWith(prefix))
  return known === undefined ? error : new TillsafeError(known[1], `${file} ${known[2]}`, { cause: error })
}

const meanings: readonly (readonly [string, ErrorCode, string])[] = [
  ['SQLITE_NOTADB', 'source.not-a-database', 'is not a SQLite database, or an encrypted one'],
  ['SQLITE_CORRUPT', 'source.damaged', 'is a damaged database'],
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
  ['SQLITE_IOERR', 'source.damaged', 'cannot be read: the disk reports an error'],
  ['EACCES', 'source.denied', 'may not be read'],
  ['EPERM', 'source.denied', 'may not be read'],
  ['EIO', 'source.damaged', 'cannot be read: the disk reports an error'],
  ['ENOSPC', 'space.short', 'could not be copied: the disk of the home folder is full'],
]
