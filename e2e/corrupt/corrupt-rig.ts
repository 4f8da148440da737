import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { analyzeFile, BackupCenter, createShop, type Job, quietJob, systemClock } from '@tillsafe/engine'
import { filesBelow } from '../small-shop.ts'
import type { Base } from './base-databases.ts'
import { type DatabaseBytes, isSameDatabase, readDatabase, writeDatabase } from './database-bytes.ts'
import { type Deed, type Deeds, late, type MutantRig, watch, withProblems } from './deed.ts'
import { Oracle, sha256 } from './oracle.ts'

/** What hangs is ended, so that a campaign comes to its end. */
const ENDED_AFTER_MS = 60_000

/** A shop with one good backup of one database, to which damaged variants of that database are given. */
export class CorruptRig implements MutantRig {
  readonly #folder: string
  readonly #base: Base
  readonly #center: BackupCenter
  readonly #oracle: Oracle
  readonly #goodFiles: ReadonlyMap<string, string>

  private constructor(folder: string, base: Base, center: BackupCenter, goodFiles: ReadonlyMap<string, string>) {
    this.#folder = folder
    this.#base = base
    this.#center = center
    this.#oracle = new Oracle(folder, base.cipher)
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

  /** Takes it for the live database and, at the same time, for a file that somebody brings; then restores that file. */
  async try(mutant: DatabaseBytes, { withRestore }: { withRestore: boolean }): Promise<Deeds> {
    writeDatabase(this.#database, mutant)
    writeDatabase(this.#brought, mutant)
    const [backedUp, analysed] = await Promise.all([this.#backUp(mutant), this.#analyze(mutant)])
    return {
      'backed up': withProblems(backedUp, this.#tidy()),
      analysed,
      ...(withRestore ? { restored: await this.#restore(mutant) } : {}),
    }
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
      return {
        outcome: backup.label.database.condition,
        problems: this.#oracle.check(mutant, this.#database, { file: copy, ...backup.label.database }),
      }
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

  /** A restore of such a file fails and leaves the live database as it was, or puts what it holds in its place. */
  async #restore(mutant: DatabaseBytes): Promise<Deed> {
    writeDatabase(this.#database, this.#base)
    writeDatabase(this.#brought, mutant)
    const before = this.#oracle.content(this.#database)
    const wanted = this.#oracle.content(this.#brought)
    const deed = await watch(async () => {
      const plan = await this.#center.planRestoreFile(this.#brought)
      const consent = { confirm: plan.confirmation, reason: 'unstated' } as const
      const { safetyBackup } = await inTime(this.#center.restore(plan, consent))
      const safety = join(this.#folder, 'backups', safetyBackup?.places[0]?.key ?? 'none')
      return {
        outcome: 'restored',
        problems: [
          ...(this.#oracle.content(this.#database) === wanted ? [] : ['the live database is not what the file holds']),
          ...(this.#oracle.content(safety) === before ? [] : ['the safety backup is not what was there before']),
        ],
      }
    })
    const isHarmed = deed.outcome !== 'restored' && this.#oracle.content(this.#database) !== before
    return withProblems(deed, [
      ...(isHarmed ? ['the live database was harmed'] : []),
      ...this.#checkUntouched(this.#brought, mutant),
      ...this.#tidy(),
    ])
  }

  #checkUntouched(file: string, mutant: DatabaseBytes): string[] {
    return isSameDatabase(readDatabase(file), mutant) ? [] : [`${file} was changed`]
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

async function inTime<R>(job: Job<R>): Promise<R> {
  const timer = setTimeout(() => job.cancel(), ENDED_AFTER_MS)
  try {
    return await job.result
  } finally {
    clearTimeout(timer)
  }
}

function hashesBelow(folder: string): Map<string, string> {
  return new Map(filesBelow(folder).map((file) => [file, sha256(readFileSync(join(folder, file)))]))
}
