import { TillsafeError } from '../../model/tillsafe-error.ts'
import { openSqlite } from '../../work/sqlite.ts'
import type { CipherKey } from './cipher-key.ts'
import { liveCipher } from './live-cipher.ts'

/** Ask whether anybody has a database open, by asking for it alone. */
export interface ProbeTask {
  readonly kind: 'probe'
  readonly database: string
  /** With them, even with none, the database has to be encrypted; without, it may not be. */
  readonly keys?: readonly CipherKey[]
}

const BUSY_MS = 500

/**
 * Throws `source.open` when another connection is there. A till in rollback-journal mode that is idle holds no lock,
 * so it is not seen here; see `processesWithOpen`.
 */
export function probe(task: ProbeTask): void {
  const connection = openSqlite(task.database, 'read-write', BUSY_MS, liveCipher(task.database, task.keys))
  try {
    connection.pragma('locking_mode = EXCLUSIVE')
    connection.exec('BEGIN EXCLUSIVE')
    connection.exec('ROLLBACK')
  } catch (cause) {
    if ((cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw new TillsafeError('source.open', `a till has ${task.database} open`, { cause })
    }
    throw cause
  } finally {
    connection.close()
  }
}
