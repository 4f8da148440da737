import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import type { CipherKey } from './cipher-key.ts'
import { liveCipher } from './live-cipher.ts'

/**
 * Tidy a live database up: statistics always, the whole file when a fifth of its pages is free. An encrypted one is
 * rewritten through memory, where no other program reads it, and only up to a size.
 */
export interface OptimizeTask {
  readonly kind: 'optimize'
  readonly database: string
  /** With them, even with none, the database has to be encrypted; without, it may not be. */
  readonly keys?: readonly CipherKey[]
}

export interface OptimizeResult {
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly vacuumed: boolean
}

const BUSY_MS = 2000
const FREE_SHARE = 0.2
const MOST_BYTES_IN_MEMORY = 512 * 1024 * 1024

export function optimize(task: OptimizeTask): OptimizeResult {
  const cipher = liveCipher(task.database, task.keys)
  using connection = openSqlite(task.database, 'read-write', BUSY_MS, cipher)
  const pages = number(connection, 'page_count')
  const pageSize = number(connection, 'page_size')
  const hasRoom = cipher === undefined || pages * pageSize <= MOST_BYTES_IN_MEMORY
  const vacuumed = hasRoom && pages > 0 && number(connection, 'freelist_count') >= FREE_SHARE * pages
  connection.pragma('optimize')
  if (vacuumed) {
    connection.exec('VACUUM')
  }
  return { bytesBefore: pages * pageSize, bytesAfter: number(connection, 'page_count') * pageSize, vacuumed }
}

function number(connection: Sqlite, pragma: string): number {
  return Number(connection.pragma(pragma, { simple: true }))
}
