import { openSqlite, type Sqlite } from '../../work/sqlite.ts'

/** Tidy a live database up: statistics always, the whole file when a fifth of its pages is free. */
export interface OptimizeTask {
  readonly kind: 'optimize'
  readonly database: string
}

export interface OptimizeResult {
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly vacuumed: boolean
}

const BUSY_MS = 2000
const FREE_SHARE = 0.2

export function optimize(task: OptimizeTask): OptimizeResult {
  using connection = openSqlite(task.database, 'read-write', BUSY_MS)
  const pages = number(connection, 'page_count')
  const pageSize = number(connection, 'page_size')
  const vacuumed = number(connection, 'freelist_count') >= FREE_SHARE * pages && pages > 0
  connection.pragma('optimize')
  if (vacuumed) {
    connection.exec('VACUUM')
  }
  return { bytesBefore: pages * pageSize, bytesAfter: number(connection, 'page_count') * pageSize, vacuumed }
}

function number(connection: Sqlite, pragma: string): number {
  return Number(connection.pragma(pragma, { simple: true }))
}
