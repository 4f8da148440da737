import { createHash, randomFillSync } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createShop } from '@tillsafe/engine'

/** SQLite never uses the page that holds this byte; its locks lie there. */
const LOCK_BYTE = 2 ** 30

const PICTURE_BYTES = 4000
const PICTURES_PER_FOLDER = 1000
const ROW_BYTES = 3000
const ROWS_AT_ONCE = 20_000

/** A till in a folder, as large as asked, closed, with a shop that protects it. */
export interface LargeShop {
  readonly home: string
  readonly database: string
  readonly images: string
}

export async function makeLargeShop(folder: string, databaseBytes: number, pictures: number): Promise<LargeShop> {
  const till = join(folder, 'till')
  const [home, database, images] = [join(folder, 'home'), join(till, 'pos.db'), join(till, 'images')]
  mkdirSync(images, { recursive: true })
  fillDatabase(database, databaseBytes)
  fillImages(images, pictures)
  await createShop(home, {
    name: 'Large',
    country: 'BE',
    timeZone: 'Europe/Brussels',
    source: { engine: 'sqlite', database, images },
  })
  return { home, database, images }
}

export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** One hash over the names and the bytes of all images. */
export function hashOfImages(folder: string): { readonly hash: string; readonly count: number } {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort()
  const hash = createHash('sha256')
  for (const name of names) {
    hash.update(`${name.slice(folder.length)}\n`).update(readFileSync(name))
  }
  return { hash: hash.digest('hex'), count: names.length }
}

/** Whether the page with the lock byte lies within the file, and is empty as it must be. */
export function hasLockPage(file: string): boolean {
  if (statSync(file).size <= LOCK_BYTE) {
    return false
  }
  const page = Buffer.alloc(4096)
  readSync(openSync(file, 'r'), page, 0, page.length, LOCK_BYTE)
  return page.every((byte) => byte === 0)
}

function fillDatabase(file: string, bytes: number): void {
  using database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE ticket (id INTEGER PRIMARY KEY, note BLOB NOT NULL)`)
  const insert = database.prepare('INSERT INTO ticket (note) VALUES (?)')
  const note = Buffer.alloc(ROW_BYTES)
  while (Number(database.prepare('PRAGMA page_count').get()?.['page_count']) * 4096 < bytes) {
    database.exec('BEGIN')
    for (let n = 0; n < ROWS_AT_ONCE; n++) {
      insert.run(randomFillSync(note))
    }
    database.exec('COMMIT')
  }
}

function fillImages(folder: string, count: number): void {
  const picture = Buffer.alloc(PICTURE_BYTES)
  for (let n = 0; n < count; n++) {
    const below = join(folder, `${Math.floor(n / PICTURES_PER_FOLDER)}`)
    if (n % PICTURES_PER_FOLDER === 0) {
      mkdirSync(below)
    }
    writeFileSync(join(below, `picture-${n}.jpg`), randomFillSync(picture))
  }
}
