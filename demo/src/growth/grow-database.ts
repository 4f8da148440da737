import { setImmediate } from 'node:timers/promises'
import { Random } from '../chance/random.ts'
import { beginBulk, endBulk } from '../database/bulk.ts'
import { openDatabase } from '../database/open-database.ts'
import type { PosDatabase } from '../database/pos-database.ts'
import type { GrowOptions } from './grow-options.ts'
import { HistoryCopier } from './history-copier.ts'

/** Random keys touch pages everywhere: committing seldom writes each of them once. */
const BYTES_AT_ONCE = 100_000_000

/**
 * Grows a demo database to a size, for benchmarks: its history is copied day by day to further registers, until the
 * file is that large. Rows, totals, numbers and indexes are like the real ones, with fresh random keys; the copied
 * chains are linked, but their hashes are random, so `verifyShop` finds every copied record altered.
 * Nobody else may have the database open. Stopped by its signal, it leaves a whole database that grew less.
 */
export async function growDatabase(file: string, bytes: number, options: GrowOptions = {}): Promise<void> {
  const { seed = 1, databaseKey, onProgress, signal } = options
  const db = openDatabase(file, { databaseKey })
  const journalMode = db.pragma('journal_mode', { simple: true }) === 'wal' ? 'wal' : 'rollback'
  try {
    beginBulk(db)
    const copier = new HistoryCopier(db, new Random(`${seed}/growth`))
    while (sizeOf(db) < bytes) {
      signal?.throwIfAborted()
      const enough = Math.min(bytes, sizeOf(db) + BYTES_AT_ONCE)
      db.transaction(() => {
        while (sizeOf(db) < enough) copier.copyNextDay()
      })()
      onProgress?.({ bytes: sizeOf(db), of: bytes })
      await setImmediate()
    }
  } finally {
    endBulk(db, file, journalMode)
    db.close()
  }
}

function sizeOf(db: PosDatabase): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
}
