import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqlite, type SqliteCipher } from '../../engine/src/work/sqlite.ts'
import { type DatabaseBytes, readDatabase } from './database-bytes.ts'

/** How a sound database comes about. `before` runs when the file is still empty. */
interface Recipe {
  readonly before?: string
  readonly schema: string
  readonly after?: string
  /** The `-wal` file stays beside it, with the rows of `inWal`. */
  readonly inWal?: string
  readonly cipher?: SqliteCipher
}

const rows = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

const TICKETS = `CREATE TABLE ticket (id INTEGER PRIMARY KEY, at TEXT NOT NULL, cents INTEGER, note);
  ${rows(300)} INSERT INTO ticket SELECT i, '2026-11-' || (i % 28), i * 7, hex(i * 991) FROM n;`

/** Without the derivation of a key from a passphrase, which would take most of the time. */
const RAW_KEY: SqliteCipher = { format: 4, key: `x'${'0123456789abcdef'.repeat(4)}'` }

/** Every way of SQLite to lay out a file that a till may use. Small, so that thousands can be tried. */
const recipes: Readonly<Record<string, Recipe>> = {
  'pages of 512': { before: 'PRAGMA page_size = 512', schema: TICKETS },
  'pages of 1024': { before: 'PRAGMA page_size = 1024', schema: TICKETS },
  'pages of 4096': { schema: TICKETS },
  'pages of 8192': { before: 'PRAGMA page_size = 8192', schema: TICKETS },
  'pages of 65536': { before: 'PRAGMA page_size = 65536', schema: TICKETS },
  'one row': { schema: 'CREATE TABLE a (b); INSERT INTO a VALUES (1);' },
  'many tables': {
    before: 'PRAGMA page_size = 1024',
    schema: Array.from(
      { length: 30 },
      (_, n) => `CREATE TABLE t${n} (a INTEGER, b TEXT) STRICT; INSERT INTO t${n} VALUES (${n}, 'x');`,
    ).join(''),
  },
  'without rowid': {
    before: 'PRAGMA page_size = 512',
    schema: `CREATE TABLE line (ticket INTEGER, n INTEGER, what TEXT, PRIMARY KEY (ticket, n)) WITHOUT ROWID;
      ${rows(400)} INSERT INTO line SELECT i / 4, i, 'article ' || i FROM n;`,
  },
  indexes: {
    schema: `${TICKETS} CREATE INDEX a ON ticket (at, cents); CREATE UNIQUE INDEX b ON ticket (id, note);
      CREATE INDEX c ON ticket (cents) WHERE cents > 500; CREATE INDEX d ON ticket (length(note), lower(note));`,
  },
  'generated columns': {
    schema: `CREATE TABLE line (cents INTEGER CHECK (cents >= 0), quantity INTEGER DEFAULT 1,
      total INTEGER AS (cents * quantity) STORED, text TEXT AS (cents || ' x ' || quantity) VIRTUAL);
      CREATE INDEX totals ON line (total); ${rows(300)} INSERT INTO line (cents, quantity) SELECT i, i % 9 FROM n;`,
  },
  'foreign keys': {
    schema: `CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
      CREATE TABLE debt (id INTEGER PRIMARY KEY AUTOINCREMENT, customer REFERENCES customer ON DELETE CASCADE, cents);
      ${rows(100)} INSERT INTO customer SELECT i, 'name ' || i FROM n;
      ${rows(300)} INSERT INTO debt (customer, cents) SELECT 1 + i % 110, i FROM n;`,
  },
  fts5: {
    schema: `CREATE VIRTUAL TABLE search USING fts5 (name, description);
      ${rows(150)} INSERT INTO search SELECT 'coffee ' || i, 'with milk ' || hex(i * 77) FROM n;`,
  },
  rtree: {
    schema: `CREATE VIRTUAL TABLE place USING rtree (id, x0, x1, y0, y1);
      ${rows(200)} INSERT INTO place SELECT i, i, i + 1, i * 2, i * 2 + 1 FROM n;`,
  },
  'auto-vacuum': {
    before: 'PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL',
    schema: `${TICKETS} DELETE FROM ticket WHERE id % 3 = 0;`,
  },
  'incremental vacuum': {
    before: 'PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL',
    schema: `${TICKETS} DELETE FROM ticket WHERE id > 100; PRAGMA incremental_vacuum(2);`,
  },
  'free pages': {
    before: 'PRAGMA page_size = 512',
    schema: `${TICKETS} DELETE FROM ticket WHERE id BETWEEN 50 AND 250;`,
  },
  overflow: {
    before: 'PRAGMA page_size = 1024',
    schema: `CREATE TABLE picture (id INTEGER PRIMARY KEY, bytes BLOB, note TEXT);
      ${rows(12)} INSERT INTO picture SELECT i, randomblob(i * 700), printf('%.*c', i * 300, 'n') FROM n;`,
  },
  'UTF-16le': {
    before: `PRAGMA encoding = 'UTF-16le'`,
    schema: `${TICKETS} INSERT INTO ticket VALUES (999, 'café', 1, 'さくら 🍰');`,
  },
  'UTF-16be': {
    before: `PRAGMA encoding = 'UTF-16be'`,
    schema: `${TICKETS} INSERT INTO ticket VALUES (999, 'café', 1, 'さくら 🍰');`,
  },
  'views and triggers': {
    schema: `${TICKETS} CREATE VIEW day AS SELECT at, sum(cents) AS cents FROM ticket GROUP BY at;
      CREATE TABLE log (what TEXT); CREATE TRIGGER sold AFTER INSERT ON ticket BEGIN INSERT INTO log VALUES (new.at); END;
      CREATE TRIGGER changed INSTEAD OF DELETE ON day BEGIN DELETE FROM ticket WHERE at = old.at; END;
      INSERT INTO ticket VALUES (1000, 'today', 5, NULL);`,
  },
  'WAL mode, closed': { schema: TICKETS, after: 'PRAGMA journal_mode = WAL; UPDATE ticket SET cents = cents + 1;' },
  encrypted: { schema: TICKETS, cipher: RAW_KEY },
  'encrypted, in WAL mode, with its -wal file': {
    before: 'PRAGMA journal_mode = WAL',
    schema: TICKETS,
    inWal: 'UPDATE ticket SET cents = cents + 1;',
    cipher: RAW_KEY,
  },
  'WAL mode, with its -wal file': {
    before: 'PRAGMA journal_mode = WAL',
    schema: TICKETS,
    inWal: `UPDATE ticket SET cents = cents + 1; ${rows(50)} INSERT INTO ticket SELECT 1000 + i, 'late', i, NULL FROM n;`,
  },
}

/** A sound database, and what opens it when it is encrypted. */
export interface Base extends DatabaseBytes {
  readonly cipher?: SqliteCipher
}

export const baseNames: readonly string[] = Object.keys(recipes)

/** Makes a sound database in a folder that goes away. The same name gives the same structure; random bytes may differ. */
export function makeBase(name: string): Base {
  const recipe = recipes[name]
  if (recipe === undefined) {
    throw new Error(`there is no recipe for ${name}`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-base-'))
  try {
    const bytes = cook(join(folder, 'made.db'), join(folder, 'kept.db'), recipe)
    return recipe.cipher === undefined ? bytes : { ...bytes, cipher: recipe.cipher }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function cook(made: string, kept: string, { before = '', schema, after = '', inWal, cipher }: Recipe): DatabaseBytes {
  {
    using database = cipher === undefined ? new DatabaseSync(made) : openSqlite(made, 'create', 0, cipher)
    database.exec('PRAGMA foreign_keys = OFF') // tills break theirs, too
    database.exec(`${before}; PRAGMA wal_autocheckpoint = 0; BEGIN`)
    database.exec(schema)
    database.exec('COMMIT')
    database.exec(after)
    if (inWal !== undefined) {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      database.exec(inWal)
      cpSync(made, kept) // while it is open: closing would bring the WAL home
      cpSync(`${made}-wal`, `${kept}-wal`)
    }
  }
  return readDatabase(inWal === undefined ? made : kept)
}
