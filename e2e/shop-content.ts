import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What a till holds, as text to compare: one line for each table and each image, with a hash of its content. */
export interface ShopContent {
  readonly database: string
  readonly images: string
}

/** How a database is opened to be read: by Node's own SQLite, unless it is encrypted. */
export type OpenDatabase = (file: string) => Readable & Disposable

interface Readable {
  prepare(sql: string): {
    all(): Record<string, unknown>[] | unknown[]
    iterate(): Iterable<unknown>
  }
}

export function contentOf(database: string, images: string): ShopContent {
  return { database: databaseContent(database), images: imagesContent(images) }
}

/** Of a copy: opening the file itself would bring its WAL home. */
export function databaseContent(file: string, open: OpenDatabase = (copy) => new DatabaseSync(copy)): string {
  if (!existsSync(file)) {
    return 'no database'
  }
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-content-'))
  try {
    const copy = join(folder, 'pos.db')
    for (const ending of ['', '-wal', '-journal'].filter((ending) => existsSync(file + ending))) {
      copyFileSync(file + ending, copy + ending)
    }
    using opened = open(copy)
    const tables = opened.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all()
    return (tables as { name: unknown }[]).map(({ name }) => `${name} ${tableHash(opened, String(name))}`).join('\n')
  } catch (error) {
    return `unreadable: ${(error as Error).message}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function tableHash(database: Readable, table: string): string {
  const hash = createHash('sha256')
  for (const row of database.prepare(`SELECT * FROM "${table}" ORDER BY 1, 2`).iterate()) {
    for (const value of Object.values(row as Record<string, unknown>)) {
      hash.update(value instanceof Uint8Array ? value : `${typeof value}${value}\n`)
    }
  }
  return hash.digest('hex')
}

function imagesContent(folder: string): string {
  if (!existsSync(folder)) {
    return 'no images'
  }
  return readdirSync(folder)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
    )
    .join('\n')
}
