import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { analyzeFile, BackupCenter, createShop, type Job, quietJob, systemClock } from '@tillsafe/engine'
import { failureOf, type Label } from '@tillsafe/engine/model'
import { openSqlite } from '../../engine/src/work/sqlite.ts'
import { databaseContent, type OpenDatabase } from '../shop-content.ts'
import { filesBelow } from '../small-shop.ts'
import type { Base } from './base-databases.ts'
import { type DatabaseBytes, isSameDatabase, readDatabase, writeDatabase } from './database-bytes.ts'

/** A backup of a file, or a look into it, is over by then, well or not. A restore is many such steps. */
const TAKES_AT_MOST_MS = 5000
/** What hangs is ended, so that a campaign comes to its end. */
const ENDED_AFTER_MS = 60_000

/** What came of one thing that was done with a damaged file. */
export interface Deed {
  /** `sound`, `damaged`, `restored` … or the code of the failure. */
  readonly outcome: string
  readonly ms: number
  /** What did not hold, as sentences. */
  readonly problems: readonly string[]
}

/** A shop with one good backup of one database, to which damaged variants of that database are given. */
export class CorruptRig implements AsyncDisposable {
  readonly #folder: string
  readonly #base: Base
  readonly #center: BackupCenter
  readonly #goodFiles: ReadonlyMap<string, string>

  private constructor(folder: string, base: Base, center: BackupCenter, goodFiles: ReadonlyMap<string, string>) {
    this.#folder = folder
    this.#base = base
    this.#center = center
    this.#goodFiles = goodFiles
  }

  static async make(base: Base): Promise<CorruptRig> {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-corrupt-'))
    mkdirSync(join(folder, 'till'))
    mkdirSync(join(folder, 'brought'))
    const database = join(folder, 'till', 'pos.db')
    writeDatabase(database, base)
    await createShop(join(folder, 'home'), {
      name: 'Corrupt',
      country: 'BE',
      timeZone: 'Europe/Brussels',
      source: { engine: 'sqlite', database },
      destination: join(folder, 'backups'),
      ...(base.cipher && { databaseKey: { ...base.cipher, since: systemClock.now() } }),
    })
    const center = await BackupCenter.open(join(folder, 'home'), { version: '0.0.0-e2e' })
    const { backup } = await center.backUp().result
    if (backup.label.database.condition !== 'sound') {
      throw new Error(`the base is not sound: ${backup.label.problems.join('; ')}`)
    }
    return new CorruptRig(folder, base, center, hashesBelow(join(folder, 'backups')))
  }

  /** Takes it for the live database and, at the same time, for a file that somebody brings. */
  async tryBoth(mutant: DatabaseBytes): Promise<{ backedUp: Deed; analysed: Deed }> {
    writeDatabase(this.#database, mutant)
    writeDatabase(this.#brought, mutant)
    const [backedUp, analysed] = await Promise.all([this.#backUp(mutant), this.#analyze(mutant)])
    return { backedUp: withProblems(backedUp, this.#tidy()), analysed }
  }

  /** A restore of such a file fails and leaves the live database as it was, or puts what it holds in its place. */
  async restore(mutant: DatabaseBytes): Promise<Deed> {
    writeDatabase(this.#database, this.#base)
    writeDatabase(this.#brought, mutant)
    const before = this.#content(this.#database)
    const wanted = this.#content(this.#brought)
    const deed = await watch(async () => {
      const plan = await this.#center.planRestoreFile(this.#brought)
      const consent = { confirm: plan.confirmation, reason: 'unstated' } as const
      const { safetyBackup } = await inTime(this.#center.restore(plan, consent))
      const safety = join(this.#folder, 'backups', safetyBackup?.places[0]?.key ?? 'none')
      return {
        outcome: 'restored',
        problems: [
          ...(this.#content(this.#database) === wanted ? [] : ['the live database is not what the file holds']),
          ...(this.#content(safety) === before ? [] : ['the safety backup is not what was there before']),
        ],
      }
    })
    const isHarmed = deed.outcome !== 'restored' && this.#content(this.#database) !== before
    return withProblems(deed, [
      ...(isHarmed ? ['the live database was harmed'] : []),
      ...this.#checkUntouched(this.#brought, mutant),
      ...this.#tidy(),
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#center[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #database(): string {
    return join(this.#folder, 'till', 'pos.db')
  }

  get #brought(): string {
    return join(this.#folder, 'brought', 'found.db')
  }

  /** A backup of a damaged live database fails clearly, or is marked, or is right. */
  async #backUp(mutant: DatabaseBytes): Promise<Deed> {
    const deed = await watch(async () => {
      const { backup } = await inTime(this.#center.backUp())
      const copy = join(this.#folder, 'backups', backup.places[0]?.key ?? '')
      return { outcome: backup.label.database.condition, problems: this.#checkBackup(mutant, backup.label, copy) }
    })
    return withProblems(deed, [...late(deed), ...this.#checkUntouched(this.#database, mutant)])
  }

  /** A look into a damaged file that somebody brings ends by itself. */
  async #analyze(mutant: DatabaseBytes): Promise<Deed> {
    const deed = await watch(async () => {
      const job = { ...quietJob(systemClock), signal: AbortSignal.timeout(ENDED_AFTER_MS) }
      const { problems } = await analyzeFile(this.#brought, this.#center.shop, job)
      return { outcome: problems.length === 0 ? 'sound' : 'damaged', problems: [] }
    })
    return withProblems(deed, [...late(deed), ...this.#checkUntouched(this.#brought, mutant)])
  }

  #checkUntouched(file: string, mutant: DatabaseBytes): string[] {
    return isSameDatabase(readDatabase(file), mutant) ? [] : [`${file} was changed`]
  }

  /** By another build of SQLite than the engine's, unless it is encrypted. */
  get #open(): OpenDatabase {
    const { cipher } = this.#base
    return (file) => (cipher === undefined ? new DatabaseSync(file) : openSqlite(file, 'read-write', 0, cipher))
  }

  #content(file: string): string {
    return databaseContent(file, this.#open)
  }

  /** What a sound label promises, the bytes keep. */
  #checkBackup(mutant: DatabaseBytes, { database }: Label, copy: string): string[] {
    const isHashed = sha256(readFileSync(copy)) === database.sha256
    const isSame = mutant.wal === undefined && sha256(mutant.main) === database.sha256
    return [
      ...(isHashed ? [] : ['the copy is not what its label says']),
      ...(database.condition === 'damaged' || isSame || this.#content(copy) === this.#content(this.#database)
        ? []
        : ['the copy of a sound database holds something else']),
      ...(database.condition === 'sound' && !this.#isIntact(copy) ? ['a damaged copy is called sound'] : []),
    ]
  }

  #isIntact(file: string): boolean {
    const copy = join(this.#folder, 'oracle.db')
    copyFileSync(file, copy)
    try {
      using database = this.#open(copy)
      const [first] = database.prepare('PRAGMA integrity_check').all()
      return Object.values(first ?? {})[0] === 'ok'
    } catch {
      return false
    } finally {
      writeDatabase(copy, { main: Buffer.alloc(0) })
    }
  }

  /** Removes what a deed has rightly left. What of the good backup is missing or changed, as sentences. */
  #tidy(): string[] {
    const backups = join(this.#folder, 'backups')
    const now = hashesBelow(backups)
    const problems = [...this.#goodFiles].flatMap(([file, hash]) =>
      now.get(file) === hash ? [] : [`the last good backup was harmed: ${file}`],
    )
    for (const file of [...now.keys()].filter((file) => !this.#goodFiles.has(file))) {
      rmSync(join(backups, file))
    }
    for (const name of readdirSync(join(this.#folder, 'till')).filter((name) => name.startsWith('.tillsafe'))) {
      rmSync(join(this.#folder, 'till', name), { recursive: true })
    }
    const left = filesBelow(join(this.#folder, 'home', 'scratch'))
    return [...problems, ...left.map((file) => `left over: ${file}`)]
  }
}

async function watch(deed: () => Promise<Omit<Deed, 'ms'>>): Promise<Deed> {
  const began = performance.now()
  const { outcome, problems } = await deed().catch((error: unknown) => {
    const { code, message } = failureOf(error)
    return { outcome: code, problems: code === 'internal' ? [`not understood: ${message}`] : [] }
  })
  return { outcome, problems, ms: performance.now() - began }
}

async function inTime<R>(job: Job<R>): Promise<R> {
  const timer = setTimeout(() => job.cancel(), ENDED_AFTER_MS)
  try {
    return await job.result
  } finally {
    clearTimeout(timer)
  }
}

function withProblems(deed: Deed, more: readonly string[]): Deed {
  return { ...deed, problems: [...deed.problems, ...more] }
}

function late({ ms }: Deed): string[] {
  return ms > TAKES_AT_MOST_MS ? [`it took ${Math.round(ms)} ms`] : []
}

function hashesBelow(folder: string): Map<string, string> {
  return new Map(filesBelow(folder).map((file) => [file, sha256(readFileSync(join(folder, file)))]))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
