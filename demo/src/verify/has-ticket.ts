import { openDatabase } from '../database/open-database.ts'
import type { LastTicket } from '../live/seller-statistics.ts'

/** Whether a ticket stands in a POS database, unaltered. Its chain being whole, so do all before it on its register. */
export function hasTicket(databaseFile: string, { register, seq, hash }: LastTicket): boolean {
  const db = openDatabase(databaseFile, { readonly: true })
  try {
    return db.prepare('SELECT hash FROM tickets WHERE register_id = ? AND seq = ?').pluck().get(register, seq) === hash
  } finally {
    db.close()
  }
}
