/**
 * The vault against restic and borg, side by side: the same databases, each program in a process of its own, in turn.
 * `npx node bench/vault.ts [--gigabytes 1] [--days 5] [--rounds 3] [--kind random|append] [--peers restic,borg] [--note]`.
 * Random: the demo's database, whose indexes have random keys. Append: one table that grows at its end. A day is 0.3 % new rows.
 */
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createShop as createTill, growDatabase } from '@tillsafe/demo'
import type { Facts } from '@tillsafe/engine/model'
import { syntheticFacts, syntheticHeading, syntheticId } from '@tillsafe/engine/testing'
import { ed25519Signer } from '../engine/src/work/signer.ts'
import { openSqlite } from '../engine/src/work/sqlite.ts'
import { builtDriver } from './built-driver.ts'
import { factsOf } from './database-facts.ts'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'
import { sizeOf } from './size-of.ts'
import type { VaultDeed } from './vault-driver.ts'
import { watchMemory } from './watch-memory.ts'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1' },
    days: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    kind: { type: 'string', default: 'random' },
    peers: { type: 'string', default: 'restic,borg' },
    note: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
const DRIVER = builtDriver(folder)
const secrets = { RESTIC_PASSWORD: 'bench', BORG_PASSPHRASE: 'bench', BORG_BASE_DIR: folder }
const { privateKey } = generateKeyPairSync('ed25519')
const key = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
const { publicKey } = ed25519Signer(key)
const shop = { id: syntheticId(publicKey), name: 'Bench', publicKey }

/** What one program took for one step. */
interface Figure {
  readonly step: string
  readonly program: string
  readonly ms: number
  /** Bytes that the repository grew by. */
  readonly bytes: number
  readonly memory: number
}

const figures: Figure[] = []
const programs = ['tillsafe', ...values.peers.split(',').filter((peer) => peer !== '')]

try {
  const base = await makeDatabase()
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    await runRound(base, join(folder, `round ${round}`))
  }
  report()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function makeDatabase(): Promise<string> {
  const bytes = Number(values.gigabytes) * 1e9
  if (values.kind === 'append') {
    const file = join(folder, 'append.db')
    growTable(file, bytes)
    return file
  }
  const till = await createTill({ folder: join(folder, 'till'), seed: 1, days: 30, until: '2026-11-20', pictures: 0 })
  await growDatabase(till.databaseFile, bytes)
  return till.databaseFile
}

async function runRound(base: string, place: string): Promise<void> {
  mkdirSync(place)
  const database = join(place, 'pos.db')
  spawnSync('cp', [base, database])
  for (const program of programs) {
    init(program, place)
  }
  let backup = 1
  await step('first backup', database, place, backup)
  for (let day = 1; day <= Number(values.days); day += 1) {
    await nextDay(database)
    backup += 1
    await step('next day', database, place, backup)
  }
  await step('nothing changed', database, place, backup + 1)
  for (const program of programs) {
    await measure('restore', program, place, restoreCommand(program, database, place, backup + 1))
    await measure('check every byte', program, place, checkCommand(program, 'check', { database, place, backup }))
    await measure('verify one backup', program, place, checkCommand(program, 'verify', { database, place, backup }))
  }
}

async function nextDay(database: string): Promise<void> {
  const bytes = statSync(database).size * 1.003
  if (values.kind === 'append') {
    growTable(database, bytes)
  } else {
    await growDatabase(database, bytes, { seed: bytes })
  }
  using db = openSqlite(database, 'read-write')
  db.pragma('wal_checkpoint(TRUNCATE)')
}

/** Rows at the end of one table, as a log has them. */
function growTable(file: string, bytes: number): void {
  using db = openSqlite(file, 'create')
  db.pragma('synchronous = OFF')
  db.exec('CREATE TABLE IF NOT EXISTS sale (id INTEGER PRIMARY KEY, at TEXT, article TEXT, cents INTEGER, note BLOB)')
  const insert = db.prepare(
    "INSERT INTO sale VALUES (NULL, datetime(1700000000 + ?, 'unixepoch'), ?, ?, randomblob(40))",
  )
  while (statSync(file).size < bytes) {
    db.transaction(() => {
      for (let row = 0; row < 10_000; row += 1) {
        insert.run(row, `Article ${row % 300}`, (row * 37) % 9000)
      }
    })()
  }
}

async function step(name: string, database: string, place: string, backup: number): Promise<void> {
  const facts = await factsOf(database)
  for (const program of backup % 2 === 0 ? programs.toReversed() : programs) {
    await measure(name, program, place, saveCommand(program, { database, place, backup, facts }))
  }
}

interface Command {
  readonly program: string
  readonly words: readonly string[]
  readonly input?: VaultDeed
}

function init(program: string, place: string): void {
  mkdirSync(join(place, program))
  const commands: Record<string, readonly string[]> = {
    restic: ['restic', '-q', '-r', join(place, program), 'init'],
    borg: ['borg', 'init', '-e', 'repokey-blake2', join(place, program)],
  }
  const [name, ...words] = commands[program] ?? []
  if (name !== undefined && spawnSync(name, words, { env: { ...process.env, ...secrets } }).status !== 0) {
    throw new Error(`${program} could not make its repository`)
  }
}

function saveCommand(
  program: string,
  { database, place, backup, facts }: { database: string; place: string; backup: number; facts: Facts },
): Command {
  const repository = join(place, program)
  switch (program) {
    case 'restic':
      return { program, words: ['restic', '-q', '-r', repository, 'backup', database] }
    case 'borg':
      return { program, words: ['borg', 'create', '-C', 'zstd,3', `${repository}::${backup}`, database] }
    default:
      return driver(deedOf('save', { database, place, backup, facts }))
  }
}

function restoreCommand(program: string, _database: string, place: string, backup: number): Command {
  const target = join(place, `${program}-restored`)
  mkdirSync(target)
  switch (program) {
    case 'restic':
      return { program, words: ['restic', '-q', '-r', join(place, program), 'restore', 'latest', '--target', target] }
    case 'borg':
      return { program, words: ['sh', '-c', `cd '${target}' && borg extract '${join(place, program)}::${backup}'`] }
    default:
      return driver(deedOf('restore', { database: join(target, 'database.db'), place, backup }))
  }
}

/** The peers know no other way than to read their whole repository. */
function checkCommand(
  program: string,
  deed: 'check' | 'verify',
  { database, place, backup }: { database: string; place: string; backup: number },
): Command {
  switch (program) {
    case 'restic':
      return { program, words: ['restic', '-q', '-r', join(place, program), 'check', '--read-data'] }
    case 'borg':
      return { program, words: ['borg', 'check', '--verify-data', join(place, program)] }
    default:
      return driver(deedOf(deed, { database, place, backup: backup + 1 }))
  }
}

function driver(input: VaultDeed): Command {
  return { program: 'tillsafe', words: [process.execPath, DRIVER], input }
}

function deedOf(
  deed: VaultDeed['deed'],
  { database, place, backup, facts }: { database: string; place: string; backup: number; facts?: Facts },
): VaultDeed {
  const heading = syntheticHeading(shop, backup)
  return {
    deed,
    place: join(place, 'tillsafe'),
    hints: join(place, 'hints'),
    database,
    heading,
    facts: facts ?? syntheticFacts(new Uint8Array()),
    privateKey: key,
  }
}

async function measure(name: string, program: string, place: string, command: Command): Promise<void> {
  const before = sizeOf(join(place, program))
  const [file = '', ...words] = command.words
  const begun = performance.now()
  const child = spawn(file, words, {
    stdio: [command.input === undefined ? 'ignore' : 'pipe', 'ignore', 'inherit'],
    env: { ...process.env, ...secrets },
  })
  child.stdin?.end(JSON.stringify(command.input))
  const memory = watchMemory(child.pid ?? 0)
  const [code] = await once(child, 'exit')
  const ms = performance.now() - begun
  if (code !== 0) {
    throw new Error(`${program}: ${name} ended with ${code}`)
  }
  const figure = { step: name, program, ms, bytes: sizeOf(join(place, program)) - before, memory: memory.stop() }
  console.log(`${name}: ${program} ${(ms / 1000).toFixed(2)} s, ${mb(figure.bytes)}, memory ${mb(figure.memory)}`)
  figures.push(figure)
}

function report(): void {
  const steps = [...new Set(figures.map((figure) => figure.step))]
  const lines = steps.flatMap((name) => programs.map((program) => line(name, program)))
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('vault', lines)
  }
}

function line(name: string, program: string): string {
  const of = (what: 'ms' | 'bytes', who: string): number =>
    median(figures.filter((one) => one.step === name && one.program === who).map((one) => one[what]))
  const ratios = programs
    .filter((other) => other !== program && program === 'tillsafe')
    .map((other) => {
      const bytes = of('bytes', other) > 0 ? `, bytes ${(of('bytes', program) / of('bytes', other)).toFixed(3)}` : ''
      return `${(of('ms', program) / of('ms', other)).toFixed(2)} of ${other}${bytes}`
    })
  const peak = Math.max(
    ...figures.filter((one) => one.step === name && one.program === program).map((one) => one.memory),
  )
  const text = `${name}: ${program} ${(of('ms', program) / 1000).toFixed(2)} s, ${mb(of('bytes', program))} more, memory ${mb(peak)}`
  return ratios.length === 0 ? text : `${text}; ${ratios.join('; ')}`
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
