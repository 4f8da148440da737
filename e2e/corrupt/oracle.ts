import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqlite, type SqliteCipher } from '../../engine/src/work/sqlite.ts'
import { databaseContent, type OpenDatabase } from '../shop-content.ts'
import { type DatabaseBytes, writeDatabase } from './database-bytes.ts'

/** A copy of a damaged database, and what was said of it. */
export interface JudgedCopy {
  readonly file: string
  readonly sha256: string
  readonly condition: 'sound' | 'damaged'
}

/** Reads databases by another build of SQLite than the engine's, unless they are encrypted. */
export class Oracle {
  readonly #folder: string
  readonly #open: OpenDatabase

  constructor(folder: string, cipher: SqliteCipher | undefined) {
    this.#folder = folder
    this.#open = (file) => (cipher === undefined ? new DatabaseSync(file) : openSqlite(file, 'read-write', 0, cipher))
  }

  /** What a database holds, as text to compare. */
  content(file: string): string {
    return databaseContent(file, this.#open)
  }

  /** What is wrong with a copy, as sentences: what is said to be sound has the bytes of its source, or reads the same. */
  check(mutant: DatabaseBytes, source: string, { file, sha256: said, condition }: JudgedCopy): string[] {
    const isHashed = sha256(readFileSync(file)) === said
    const isSame = mutant.wal === undefined && sha256(mutant.main) === said
    return [
      ...(isHashed ? [] : ['the copy is not what its label says']),
      ...(condition === 'damaged' || isSame || this.content(file) === this.content(source)
        ? []
        : ['the copy of a sound database holds something else']),
      ...(condition === 'sound' && !this.#isIntact(file) ? ['a damaged copy is called sound'] : []),
    ]
  }

  #isIntact(file: string): boolean {
    const copy = join(this.#folder, 'oracle.db')
    copyFileSync(file, copy)
    try {
      using database = this.#open(copy)
      const [first] = database.prepare('PRAGMA integrity_check').all()
      return Object.values(first ?? {})[0] === 'ok'
    } catch {
      return false
    } finally {
      writeDatabase(copy, { main: Buffer.alloc(0) })
    }
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
