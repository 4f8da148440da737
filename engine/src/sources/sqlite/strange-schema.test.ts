import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SchemaMap } from '../../model/index.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { type InspectResult, inspect } from './inspect.ts'
import { runSqliteTask } from './sqlite-process.ts'

/** Fails with "integer overflow" whenever it is computed: a tripwire. */
const TRAP = 'abs(-9223372036854775807 - 1)'

const MAP: SchemaMap = {
  kind: 'tillsafe.schema-map',
  version: 1,
  name: 'test',
  sections: [{ name: 'sales', tables: ['tickets'] }],
  images: [],
  testData: [],
  counters: { tickets: 'SELECT count(*) FROM tickets', sessions: 'SELECT sum(cents) FROM tickets' },
}

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-strange-'))
  file = join(folder, 'strange.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('of a database that a stranger made, nothing is run:', () => {
  test('no view, even one with the name of a table that is asked for', () => {
    make((database) => database.exec(`CREATE TABLE other (a); CREATE VIEW tickets AS SELECT ${TRAP} AS cents`))
    const { meaning } = look()
    expect(meaning.counters).toEqual({})
    expect(meaning.problems).toHaveLength(2)
    expect(meaning.problems[0]).toContain('"tickets" is a view in this file')
    // The same question does run it where the database is the shop's own.
    expect(look({ isStrange: false }).meaning.problems.join()).toContain('integer overflow')
  })

  test('no generated column', () => {
    const honest = 'CREATE TABLE tickets (id INTEGER PRIMARY KEY, cents AS (id) NOT NULL)'
    make((database) => {
      database.exec(`${honest}; INSERT INTO tickets (id) VALUES (1)`)
      forge(database, honest, honest.replace('(id) NOT', `(${TRAP}) NOT`))
    })
    const { meaning, faults, fingerprint } = look()
    expect(faults).toEqual([])
    expect(meaning.problems.join()).toContain('computes its answers')
    expect(meaning.problems.join()).not.toContain('overflow')
    expect(fingerprint.tables).toEqual([{ name: 'tickets', rows: 1 }])
    expect(() => look({ isStrange: false, fails: true })).toThrow('integer overflow')
  })

  test.each([
    ['a CHECK', 'CREATE TABLE t (a CHECK (a = 1))', 'CREATE TABLE t (a CHECK (a = 2))'],
    ['an index on an expression', 'CREATE INDEX i ON t (a + 1)', `CREATE INDEX i ON t (${TRAP})`],
    ['an index on some rows', 'CREATE INDEX i ON t (a) WHERE a = 1', `CREATE INDEX i ON t (a) WHERE a = ${TRAP}`],
  ])('not the formula of %s', (_, honest, hostile) => {
    make((database) => {
      if (!honest.includes('TABLE')) {
        database.exec('CREATE TABLE t (a)')
      }
      database.exec(`${honest}; INSERT INTO t VALUES (1)`)
      forge(database, honest, hostile)
    })
    expect(look().faults).toEqual([])
    // Whoever opens it as his own, and for writing, has it computed.
    using own = openSqlite(file, 'read-write')
    expect(checkOwn(own)).toMatch(/integer overflow|CHECK constraint failed/)
  })

  test('no trigger', () => {
    make((database) =>
      database.exec(
        `CREATE TABLE tickets (cents); INSERT INTO tickets VALUES (1);
        CREATE TRIGGER one AFTER INSERT ON tickets BEGIN SELECT ${TRAP}; END;
        CREATE TRIGGER two INSTEAD OF DELETE ON nothing BEGIN SELECT 1; END`.replace(/CREATE TRIGGER two.*/s, ''),
      ),
    )
    const { faults, meaning } = look()
    expect(faults).toEqual([])
    expect(meaning.counters).toEqual({ tickets: 1, sessions: 1 })
  })

  test.each([
    [
      'whose content is a view',
      `CREATE VIEW v AS SELECT ${TRAP} AS a; CREATE VIRTUAL TABLE tickets USING fts5(a, content=v)`,
      undefined,
    ],
    [
      'whose statement is disguised',
      'CREATE VIRTUAL TABLE tickets USING fts5(a)',
      'CREATE/**/VIRTUAL--\n TABLE tickets USING fts5(a)',
    ],
    [
      'of a module that is not here',
      'CREATE VIRTUAL TABLE tickets USING fts5(a)',
      'CREATE VIRTUAL TABLE tickets USING evil(/etc/passwd)',
    ],
  ])('no virtual table %s', (_, sql, disguise) => {
    make((database) => {
      database.exec(sql)
      if (disguise !== undefined) {
        forge(database, sql, disguise)
      }
    })
    const { fingerprint, meaning, faults } = look()
    expect(fingerprint.tables.find(({ name }) => name === 'tickets')).toEqual({ name: 'tickets', rows: null })
    expect(meaning.problems.length).toBeGreaterThan(0)
    expect(`${meaning.problems.join()} ${faults.join()}`).not.toMatch(/overflow|no such module/)
  })

  test.each([
    ['broken SQL', 'CREATE TABLE t (a)', 'CREATE TABLE t (a'],
    ['a view that says it is a table', 'CREATE TABLE t (a)', `CREATE VIEW t AS SELECT ${TRAP}`],
    ['a table under another name', 'CREATE TABLE t (a)', 'CREATE TABLE tickets (a)'],
    ['no statement of a schema', 'CREATE TABLE t (a)', 'DELETE FROM other'],
  ])('a schema with %s is damaged', async (_, honest, hostile) => {
    make((database) => {
      database.exec(`${honest}; CREATE TABLE other (a); INSERT INTO other VALUES (1)`)
      forge(database, honest, hostile)
    })
    const task = { kind: 'inspect', file, of: 'the file', schemaMap: MAP } as const
    const walls = { read: [folder], write: [folder], milliseconds: 60_000, memoryBytes: 256 * 1024 * 1024 }
    const looking = runSqliteTask(task, { signal: AbortSignal.timeout(60_000) }, walls)
    await expect(looking).rejects.toMatchObject({ code: 'source.damaged' })
  })
})

test('behind walls, a database counts as a stranger’s', async () => {
  make((database) => database.exec(`CREATE VIEW tickets AS SELECT ${TRAP} AS cents`))
  const task = { kind: 'inspect', file, of: 'the file', schemaMap: MAP } as const
  const walls = { read: [folder], write: [folder], milliseconds: 60_000, memoryBytes: 256 * 1024 * 1024 }
  const { meaning } = await runSqliteTask(task, { signal: AbortSignal.timeout(60_000) }, walls)
  expect(meaning.problems[0]).toContain('is a view in this file')
})

function make(work: (database: Sqlite) => void): void {
  using database = openSqlite(file, 'create')
  work(database)
}

/** Replaces SQL in the schema, as only a person with bad intent does. */
function forge(database: Sqlite, from: string, to: string): void {
  database.unsafeMode()
  database.pragma('writable_schema = ON')
  const { changes } = database.prepare('UPDATE sqlite_schema SET sql = ? WHERE sql = ?').run(to, from)
  expect(changes).toBe(1)
}

function checkOwn(own: Sqlite): string {
  try {
    return String(own.pragma('integrity_check', { simple: true }))
  } catch (error) {
    return (error as Error).message
  }
}

function look({ isStrange = true, fails = false } = {}): InspectResult {
  const result = inspect({ kind: 'inspect', file, of: 'the file', schemaMap: MAP, isStrange })
  if (fails && result.faults.length > 0) {
    throw new Error(result.faults.join())
  }
  return result
}
