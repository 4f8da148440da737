/**
 * A small shop over a year in a vault and in a restic repository: one backup a day of a database that doubles, then all but ten dailies
 * and a weekly for each week before are forgotten and pruned. `npx node bench/vault-year.ts [--days 300] [--note]`.
 */
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { syntheticFacts, syntheticHeading, syntheticId } from '@tillsafe/engine/testing'
import { ed25519Signer } from '../engine/src/work/signer.ts'
import { openSqlite, type Sqlite } from '../engine/src/work/sqlite.ts'
import { builtDriver } from './built-driver.ts'
import { factsOf } from './database-facts.ts'
import { noteResults } from './note-results.ts'
import { sizeOf } from './size-of.ts'
import type { VaultDeed } from './vault-driver.ts'

const { values } = parseArgs({
  options: { days: { type: 'string', default: '300' }, note: { type: 'boolean', default: false } },
})
const DAYS = Number(values.days)
/** The till sells so many tickets a day: 4.8 MB become 9.6 in a year. */
const TICKETS_A_DAY = 90
const DAILIES = 10

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
const driver = builtDriver(folder)
const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
const { publicKey } = ed25519Signer(privateKey)
const shop = { id: syntheticId(publicKey), name: 'Bench', publicKey }
const [database, ours, theirs] = [join(folder, 'pos.db'), join(folder, 'ours'), join(folder, 'theirs')]
const spent = { ours: 0, theirs: 0 }

try {
  mkdirSync(ours)
  const begin = await liveAYear()
  const lines = [
    `${DAYS} backups of a shop of ${mb(begin)} to ${mb(statSync(database).size)}: ${mb(sizeOf(ours))}, restic ${mb(sizeOf(theirs))}, ratio ${ratio(sizeOf(ours), sizeOf(theirs))}; a backup ${seconds(spent.ours / DAYS)}, restic ${seconds(spent.theirs / DAYS)}`,
    prune(),
  ]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('vault-year', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Backs the shop up each day, in both; gives the bytes that its database had at first. */
async function liveAYear(): Promise<number> {
  using till = openTill()
  restic('init')
  const begin = statSync(database).size
  for (let day = 1; day <= DAYS; day += 1) {
    sell(till, day)
    till.pragma('wal_checkpoint(TRUNCATE)')
    spent.ours += act({ deed: 'save', facts: await factsOf(database), sequence: day })
    spent.theirs += restic('backup', database)
  }
  return begin
}

/** Forgets all but ten dailies and a weekly for each week before, in both. */
function prune(): string {
  const days = Array.from({ length: DAYS }, (_, n) => n + 1)
  const goes = days.filter((day) => day <= DAYS - DAILIES && day % 7 !== 0)
  const our = act({ deed: 'prune', sequence: DAYS, forget: goes.map((day) => syntheticHeading(shop, day).id) })
  const snapshots = JSON.parse(resticSays('snapshots', '--json')) as { id: string }[]
  const their = restic('forget', '--prune', ...goes.map((day) => snapshots[day - 1]?.id ?? ''))
  const [kept, theirsKept] = [sizeOf(ours), sizeOf(theirs)]
  return `pruned from ${DAYS} to ${DAYS - goes.length}: ${mb(kept)}, restic ${mb(theirsKept)}, ratio ${ratio(kept, theirsKept)}; it took ${seconds(our)}, restic ${seconds(their)}, ratio ${ratio(our, their)}`
}

function openTill(): Sqlite {
  const till = openSqlite(database, 'create')
  till.pragma('journal_mode = WAL')
  till.exec(`CREATE TABLE articles (id INTEGER PRIMARY KEY, name TEXT, picture BLOB);
    CREATE TABLE sales (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, at TEXT, article INTEGER, cents INTEGER)`)
  const article = till.prepare('INSERT INTO articles (name, picture) VALUES (?, randomblob(1500))')
  till.transaction(() => {
    for (let n = 0; n < 600; n += 1) {
      article.run(`Article ${n}`)
    }
  })()
  for (let day = -330; day <= 0; day += 1) {
    sell(till, day)
  }
  till.pragma('wal_checkpoint(TRUNCATE)')
  return till
}

function sell(till: Sqlite, day: number): void {
  const sale = till.prepare(
    "INSERT INTO sales (uid, at, article, cents) VALUES (hex(randomblob(16)), datetime(?, 'unixepoch'), ?, ?)",
  )
  till.transaction(() => {
    for (let n = 0; n < TICKETS_A_DAY; n += 1) {
      sale.run(1_763_000_000 + day * 86_400 + n * 300, n * 7, n * 37)
    }
  })()
}

/** Milliseconds of a deed in our vault. */
function act({
  sequence,
  ...deed
}: Pick<VaultDeed, 'deed' | 'forget'> & { facts?: VaultDeed['facts']; sequence: number }): number {
  const input: VaultDeed = {
    place: ours,
    hints: join(folder, 'hints'),
    database,
    heading: syntheticHeading(shop, sequence),
    facts: syntheticFacts(new Uint8Array()),
    privateKey,
    ...deed,
  }
  return timed(process.execPath, [driver], JSON.stringify(input))
}

/** Milliseconds of a deed in restic's repository. */
function restic(...words: string[]): number {
  return timed('restic', ['-q', '-r', theirs, ...words])
}

function resticSays(...words: string[]): string {
  return spawnSync('restic', ['-q', '-r', theirs, ...words], { env: environment(), encoding: 'utf8', maxBuffer: 1e9 })
    .stdout
}

function timed(program: string, words: readonly string[], input = ''): number {
  const begun = performance.now()
  const { status } = spawnSync(program, words, { input, env: environment(), stdio: ['pipe', 'ignore', 'inherit'] })
  if (status !== 0) {
    throw new Error(`${program} ${words[0]} ended with ${status}`)
  }
  return performance.now() - begun
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(folder, 'cache') }
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(3)
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
