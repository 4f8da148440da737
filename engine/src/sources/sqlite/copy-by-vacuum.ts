import type { Sqlite } from '../../work/sqlite.ts'
import { openSqlite } from '../../work/sqlite.ts'
import type { PageCipher } from './page-cipher.ts'
import { readFingerprint } from './read-fingerprint.ts'
import type { CopiedPages, SnapshotTask } from './snapshot-task.ts'

/**
 * The fallback where the database is encrypted, and the engine's own backup refuses: one committed state, written anew
 * with the same key and salt. Its pages lie elsewhere than in the database, so that its fingerprint is read from itself.
 */
export function copyByVacuum(connection: Sqlite, task: SnapshotTask, cipher: PageCipher): CopiedPages {
  const begun = performance.now()
  connection.exec('ROLLBACK') // it takes a read transaction of its own
  connection.prepare('VACUUM INTO ?').run(task.target)
  const pinnedMs = performance.now() - begun
  using copy = openSqlite(task.target, 'read-only', 0, cipher)
  return { fingerprint: readFingerprint(copy), way: 'vacuum', pinnedMs }
}
