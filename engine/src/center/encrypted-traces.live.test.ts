import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { openSqlite } from '../work/sqlite.ts'

const CANARY = 'Canary-of-the-Cafe-du-Port'
const KEY = `x'${'5ca1ab1e'.repeat(8)}'`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-traces-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(needs('strace', 'tracing'))(
  'every byte that a backup, a check, a restore and a look write, traced',
  () => {
    test('of an encrypted database: never what it holds, and the key in secrets.json alone', () => {
      const written = trace(KEY)
      expect(written.length).toBeGreaterThan(50)
      expect(written.filter((line) => line.includes(CANARY)).map(fileOf)).toEqual([])
      expect(written.filter((line) => line.includes(KEY.slice(2, 40))).map(fileOf)).toEqual([
        join(folder, 'home/secrets.json.draft'),
      ])
    }, 300_000)

    test('of a plain one, what it holds is seen: the trace would show it', () => {
      expect(trace(undefined).filter((line) => line.includes(CANARY)).length).toBeGreaterThan(3)
    }, 300_000)
  },
)

/** All that all processes write to files, one line for each call. */
function trace(key: string | undefined): string[] {
  const database = join(folder, 'till', 'pos.db')
  makeTill(database, key)
  const output = join(folder, 'trace')
  const center = (name: string) => JSON.stringify(join(import.meta.dirname, name))
  const script = `
    import { BackupCenter } from ${center('backup-center.ts')}
    import { createShop } from ${center('create-shop.ts')}
    import { analyzeFile } from ${center('analyze-file.ts')}
    import { openSqlite } from ${center('../work/sqlite.ts')}
    const home = ${JSON.stringify(join(folder, 'home'))}
    const database = ${JSON.stringify(database)}
    const key = ${JSON.stringify(key ?? null)}
    await createShop(home, { name: 'C', country: 'BE', timeZone: 'Europe/Brussels', source: { engine: 'sqlite', database },
      ...(key && { databaseKey: { key, format: 4, since: '2026-01-01T00:00:00.000Z' } }) })
    await using center = await BackupCenter.open(home, { version: 'test' })
    const { backup } = await center.backUp().result
    const id = backup.label.id
    const verified = await center.verify(id).result
    if (!verified.ok) throw new Error(verified.problems.join())
    await center.restore(await center.planRestore(id), { confirm: 'RESTORE', reason: 'mistake' }).result
    const { database: elsewhere } = await center.restoreInto({ id }, home + '/../elsewhere').result
    const job = { clock: { now: () => '2026-01-01T00:00:00.000Z', ticks: () => 0 }, signal: new AbortController().signal, report() {} }
    await analyzeFile(elsewhere, center.shop, job)
    await center.checkDatabase().result
    await center.optimizeDatabase().result
    using connection = openSqlite(database, 'read-write', 1000, key === null ? undefined : { format: 4, key })
    connection.pragma('cache_size = 10')
    connection.exec('CREATE TEMP TABLE copied AS SELECT note, randomblob(2000) FROM tickets ORDER BY random()')
    connection.exec('VACUUM')`
  const { status, stderr } = spawnSync(
    'strace',
    [
      '-f',
      '-y',
      '-qq',
      '-s',
      '5000000',
      '-e',
      'trace=write,pwrite64,writev,pwritev,pwritev2',
      '-o',
      output,
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return readFileSync(output, 'latin1')
    .split('\n')
    .filter((line) => fileOf(line)?.startsWith('/') && !fileOf(line)?.startsWith('/dev/'))
}

/** A quarter of it is free, so that it is rewritten when it is tidied up; its last sales are in the WAL. */
function makeTill(database: string, key: string | undefined): void {
  mkdirSync(join(folder, 'till'))
  using till = openSqlite(database, 'create', 0, key === undefined ? undefined : { format: 4, key })
  till.pragma('journal_mode = WAL')
  till.exec('CREATE TABLE tickets (id INTEGER PRIMARY KEY, note TEXT); CREATE INDEX by_note ON tickets (note)')
  const insert = till.prepare('INSERT INTO tickets (note) VALUES (?)')
  till.transaction(() => {
    for (let n = 0; n < 2000; n += 1) {
      insert.run(`${CANARY} ${n}`)
    }
  })()
  till.exec('DELETE FROM tickets WHERE id % 2 = 0')
}

function fileOf(line: string): string | undefined {
  return /^\d+ +p?writev?2?(?:64)?\(\d+<([^>]+)>/.exec(line)?.[1]
}
