import { statSync } from 'node:fs'
import type { Ruin } from '../source.ts'

/** What a till may leave and may write; the index (`-shm`) holds nothing of its own. */
const ENDINGS = ['', '-wal', '-journal']

/** The files in the place of a database, as they are now. */
export function findRuins(database: string): Ruin[] {
  return ENDINGS.flatMap((ending) => {
    const found = statSync(`${database}${ending}`, { throwIfNoEntry: false })
    return found === undefined ? [] : [{ ending, bytes: found.size, modifiedMs: found.mtimeMs }]
  })
}

/** Whether nothing stands there that was not there before: a till that was started meanwhile has made or changed a file. */
export function isNothingNew(database: string, expected: readonly Ruin[]): boolean {
  return findRuins(database).every((ruin) =>
    expected.some(
      (known) => known.ending === ruin.ending && known.bytes === ruin.bytes && known.modifiedMs === ruin.modifiedMs,
    ),
  )
}
