import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { TillsafeError } from '../../model/index.ts'

/** One page of the smallest size; the engine takes anything shorter for a new database. */
const SMALLEST_BYTES = 512

/** The bytes of a live database and its WAL. Says what is wrong when there is no file to read. */
export async function requireDatabase(file: string): Promise<number> {
  const database = await stat(file).catch((error: NodeJS.ErrnoException) => error)
  const wal = await stat(`${file}-wal`).catch(() => undefined)
  if (database instanceof Error) {
    throw absent(file, database, wal !== undefined && wal.size > 0)
  }
  if (!database.isFile()) {
    throw new TillsafeError('source.not-a-database', `${file} is no file`)
  }
  if (database.size < SMALLEST_BYTES) {
    const size = database.size === 0 ? 'empty (0 bytes)' : `too small to be a database (${database.size} bytes)`
    throw new TillsafeError('source.not-a-database', `${file} is ${size}`)
  }
  return database.size + (wal?.size ?? 0)
}

function absent(database: string, error: NodeJS.ErrnoException, hasWal: boolean): TillsafeError {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
    return new TillsafeError('source.denied', `${database} may not be read`, { cause: error })
  }
  return hasWal
    ? new TillsafeError(
        'source.wal-without-database',
        `${basename(database)} is missing in ${dirname(database)}, its -wal file is there`,
      )
    : new TillsafeError('source.missing', `${database} is not there`, { cause: error })
}
