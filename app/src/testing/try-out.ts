import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { execPath } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
/** Halves the time that a start takes. */
const CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), 'tillsafe-tests-compiled') }

/** How a run of the command line ended. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** What `--json` printed, and the exit code. */
export interface Answered<D> {
  readonly exitCode: number
  readonly document: D
}

/** A folder to try the command line in, with a home and a till in it. Its name has a space and accents on purpose. */
export class TryOut implements Disposable {
  readonly folder: string = join(realpathSync(mkdtempSync(join(tmpdir(), 'tillsafe-cli-'))), 'Épicerie du coin')
  readonly home: string = join(this.folder, 'home')
  readonly database: string = join(this.folder, 'till', 'caisse nº 1.db')

  constructor(tickets = 3) {
    makeDatabase(this.database, tickets)
  }

  /** Runs the command line in the home of this folder, without a terminal. */
  run(...args: readonly string[]): Promise<Ran> {
    return runTillsafe(['--home', this.home, ...args])
  }

  /** The same with `--json`; fails unless standard output is one JSON document. */
  async ask<D = Record<string, unknown>>(...args: readonly string[]): Promise<Answered<D>> {
    const { exitCode, stdout } = await this.run(...args, '--json')
    return { exitCode, document: JSON.parse(stdout) as D }
  }

  init(...more: readonly string[]): Promise<Answered<Record<string, unknown>>> {
    const shop = ['--name', 'Épicerie', '--country', 'FR', '--time-zone', 'Europe/Paris', '--database', this.database]
    return this.ask('init', ...shop, ...more)
  }

  async backUp(): Promise<string> {
    return (await this.ask<{ backup: { id: string } }>('backup')).document.backup.id
  }

  /** Every file with its fingerprint; what the center itself remembers of its runs is left out. */
  async tree(): Promise<Record<string, string>> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const kept = files.filter((file) => !/^home\/(state\.db|lock\.|scratch|log)/.test(relative(this.folder, file)))
    const hashes = kept.sort().map(async (file) => [relative(this.folder, file), await hashOf(file)] as const)
    return Object.fromEntries(await Promise.all(hashes))
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names)
  }

  [Symbol.dispose](): void {
    rmSync(dirname(this.folder), { recursive: true, force: true })
  }
}

export function runTillsafe(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      execPath,
      [MAIN, ...args],
      { env: { ...CACHE, ...env }, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => {
        resolve({ exitCode: child.exitCode ?? -1, stdout, stderr })
      },
    )
    child.stdin?.end()
  })
}

/** Runs until standard error says `sentence`, then sends the signal. */
export function interruptAt(sentence: string, signal: 'SIGINT' | 'SIGTERM', args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(execPath, [MAIN, ...args], { env: CACHE, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      if (stderr.includes(sentence)) {
        child.kill(signal)
      }
    })
    child.on('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }))
  })
}

/** A till's database in WAL mode with so many tickets; `padding` bytes make it larger. */
export function makeDatabase(file: string, tickets: number, padding = 0): void {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE tickets (id INTEGER PRIMARY KEY, total INTEGER, note BLOB)')
  sell(database, tickets)
  if (padding > 0) {
    database.exec(`UPDATE tickets SET note = randomblob(${padding})`)
  }
  database.close()
}

/** Sells so many tickets more, and closes the till. */
export function sellMore(file: string, tickets: number): void {
  const database = new DatabaseSync(file)
  sell(database, tickets)
  database.close()
}

export function countTickets(file: string): number {
  const database = new DatabaseSync(file)
  const row = database.prepare('SELECT count(*) AS count FROM tickets').get()
  database.close()
  return Number(row?.['count'])
}

/** A JSON file that Tillsafe has written. */
export function readJson<D>(file: string): D {
  return JSON.parse(readFileSync(file, 'utf8')) as D
}

function sell(database: DatabaseSync, tickets: number): void {
  for (let ticket = 1; ticket <= tickets; ticket += 1) {
    database.exec(`INSERT INTO tickets (total) VALUES (${ticket * 100})`)
  }
}

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
