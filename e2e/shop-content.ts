import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
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
  return { database: readOnce(database), images: imagesContent(images) }
}

/** What databases of these bytes hold: a campaign looks at the same ones after each of its faults. */
const seen = new Map<string, string>()

function readOnce(file: string): string {
  const bytes = createHash('sha256')
  for (const part of filesOf(file)) {
    bytes.update(`${part.slice(file.length)} ${statSync(part).size}\n`).update(readFileSync(part))
  }
  const key = bytes.digest('hex')
  const content = seen.get(key) ?? databaseContent(file)
  seen.set(key, content)
  return content
}

/** Of a copy: opening the file itself would bring its WAL home. */
export function databaseContent(file: string, open: OpenDatabase = (copy) => new DatabaseSync(copy)): string {
  if (!existsSync(file)) {
    return 'no database'
  }
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-content-'))
  try {
    const copy = join(folder, 'pos.db')
    for (const part of filesOf(file)) {
      copyFileSync(part, copy + part.slice(file.length))
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

/** The files that decide what a database holds, as far as they are there. */
function filesOf(database: string): string[] {
  return ['', '-wal', '-journal'].map((ending) => database + ending).filter((file) => existsSync(file))
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
