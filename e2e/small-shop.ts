import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BackupCenter, createShop, type NewWorkspace, Shop, writeSettings } from '@tillsafe/engine'
import type { CopySettings } from '@tillsafe/engine/model'
import { contentOf, type ShopContent } from './shop-content.ts'

/** The version that our programs give themselves in labels. */
const VERSION = '0.0.0-e2e'

/**
 * A shop of about 1.5 MB in a folder: a database in WAL mode whose last sales are only in the `-wal` file, five
 * images, a home, and two destinations. Small enough to be copied for each fault.
 */
export class SmallShop {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  get home(): string {
    return join(this.folder, 'home')
  }

  get till(): string {
    return join(this.folder, 'till')
  }

  get database(): string {
    return join(this.till, 'pos.db')
  }

  get images(): string {
    return join(this.till, 'images')
  }

  /** The destinations' folders: `local` and `usb`. */
  get destinations(): readonly [local: string, usb: string] {
    return [join(this.folder, 'local'), join(this.folder, 'usb')]
  }

  /** A workspace that can be added. */
  get otherWorkspace(): NewWorkspace {
    return { name: 'Other', kind: 'other', source: { engine: 'sqlite', database: join(this.till, 'other.db') } }
  }

  /** The home of a second shop that protects the same till. */
  get secondHome(): string {
    return join(this.folder, 'second-home')
  }

  /** Where an archive and a copy of the database are exported to. */
  get exported(): readonly [archive: string, database: string] {
    return [join(this.folder, 'exported.zip'), join(this.folder, 'exported.db')]
  }

  /** What is in the till now. The live files are not opened: SQLite would change them. */
  content(): ShopContent {
    return contentOf(this.database, this.images)
  }

  open(): Promise<BackupCenter> {
    return BackupCenter.open(this.home, { version: VERSION })
  }

  /** Makes the shop. Disks may be mounted on its folders before. */
  async create(tickets = 2000): Promise<void> {
    mkdirSync(this.images, { recursive: true })
    const [local, usb] = this.destinations
    mkdirSync(usb, { recursive: true })
    this.#sell(tickets)
    for (let n = 1; n <= 5; n++) {
      writeFileSync(join(this.images, `product-${n}.jpg`), randomBytes(20_000 + 1000 * n))
    }
    const shop = await createShop(this.home, {
      name: 'Small',
      country: 'BE',
      timeZone: 'Europe/Brussels',
      source: { engine: 'sqlite', database: this.database, images: this.images },
      destination: local,
    })
    const copies = shop.settings.workspaces[0]?.copies ?? []
    await writeSettings(shop.home, {
      ...shop.settings,
      destinations: [...shop.settings.destinations, { name: 'usb', kind: 'local', path: usb }],
      workspaces: shop.settings.workspaces.map((workspace) => ({
        ...workspace,
        copies: [...copies, ...copies.map((copy) => ({ ...copy, destination: 'usb' }))],
      })),
    })
  }

  /** Another day: tickets are added, prices and images change. */
  trade(): void {
    this.#sell(300)
    writeFileSync(join(this.images, 'product-1.jpg'), randomBytes(25_000))
    writeFileSync(join(this.images, 'product-6.jpg'), randomBytes(25_000))
    rmSync(join(this.images, 'product-5.jpg'), { force: true })
  }

  /** From now on its second destination keeps archives, or a vault. */
  async keepElsewhere(store: 'archive' | 'vault'): Promise<void> {
    await this.#changeCopies((copies) => copies.map((copy) => (copy.destination === 'usb' ? { ...copy, store } : copy)))
  }

  /** Its backups are gone, and from now on its first destination alone keeps some, in a vault. */
  async keepVaultAlone(): Promise<void> {
    for (const destination of this.destinations) {
      rmSync(join(destination, 'small'), { recursive: true, force: true })
    }
    await this.#changeCopies((copies) =>
      copies.filter(({ destination }) => destination === 'local').map((copy) => ({ ...copy, store: 'vault' })),
    )
  }

  /** The till as one that does not use WAL mode: all sales are in the database file. */
  useRollbackJournal(): void {
    {
      using database = new DatabaseSync(this.database)
      database.exec('PRAGMA journal_mode = DELETE')
    }
    rmSync(`${this.database}-shm`, { force: true })
  }

  /** The database is gone, with what lies beside it. */
  loseDatabase(): void {
    for (const name of readdirSync(this.till).filter((name) => name.startsWith('pos.db'))) {
      rmSync(join(this.till, name))
    }
  }

  async #changeCopies(change: (copies: readonly CopySettings[]) => CopySettings[]): Promise<void> {
    const { home, settings } = await Shop.open(this.home)
    await writeSettings(home, {
      ...settings,
      workspaces: settings.workspaces.map((workspace) => ({ ...workspace, copies: change(workspace.copies) })),
    })
  }

  /** Sells elsewhere and copies the files back while the till is still open, so that the WAL stays. */
  #sell(tickets: number): void {
    const counter = join(this.folder, 'counter')
    mkdirSync(counter)
    for (const name of readdirSync(this.till).filter((name) => name.startsWith('pos.db'))) {
      cpSync(join(this.till, name), join(counter, name))
    }
    {
      using database = new DatabaseSync(join(counter, 'pos.db'))
      sellInto(database, tickets)
      rmSync(`${this.database}-shm`, { force: true })
      cpSync(join(counter, 'pos.db'), this.database)
      cpSync(join(counter, 'pos.db-wal'), `${this.database}-wal`)
    }
    rmSync(counter, { recursive: true })
  }
}

/** Errors: those of `createShop`. */
export function createSecondShop({ secondHome, database }: SmallShop): Promise<Shop> {
  const source = { engine: 'sqlite', database } as const
  return createShop(secondHome, { name: 'Second', country: 'BE', timeZone: 'Europe/Brussels', source })
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS ticket (id INTEGER PRIMARY KEY, sold_at TEXT NOT NULL, cents INTEGER NOT NULL, note BLOB);
  CREATE TABLE IF NOT EXISTS ticket_line (
    ticket INTEGER NOT NULL REFERENCES ticket, line INTEGER NOT NULL, product INTEGER NOT NULL REFERENCES product,
    quantity INTEGER NOT NULL, PRIMARY KEY (ticket, line)
  ) WITHOUT ROWID;
`

function sellInto(database: DatabaseSync, tickets: number): void {
  database.exec(SCHEMA)
  database.exec('PRAGMA wal_autocheckpoint = 0; BEGIN')
  const product = database.prepare('INSERT INTO product (name, cents) VALUES (?, ?)')
  for (let n = 0; n < 50; n++) {
    product.run(`Product ${n}`, 100 + n)
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(PASSIVE)')
  const ticket = database.prepare(`INSERT INTO ticket (sold_at, cents, note) VALUES ('2026-11-21T10:00:00Z', ?, ?)`)
  const line = database.prepare('INSERT INTO ticket_line VALUES (?, ?, ?, ?)')
  database.exec('BEGIN')
  for (let n = 0; n < tickets; n++) {
    const { lastInsertRowid } = ticket.run(n * 7, randomBytes(400))
    for (let position = 1; position <= 3; position++) {
      line.run(lastInsertRowid, position, 1 + ((n * position) % 50), position)
    }
  }
  database.exec('UPDATE product SET cents = cents + 1; COMMIT')
}

/** All files below a folder, as paths from it; none when the folder is missing. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((item) => !item.isDirectory())
      .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
      .sort()
  } catch {
    return []
  }
}

/** The lines of a ledger; none when it was never begun. */
export function ledgerLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
