import { type Heading, type Id, type SchemaMap, type SourceSettings, TillsafeError } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { type Disk, realDisk } from '../../work/disk.ts'
import type { JobContext } from '../../work/job-context.ts'
import { ImagesFolder } from '../images-folder.ts'
import { processesWithOpen } from '../open-files.ts'
import type { Expected, Source, SourceState, Staged, TakeOptions } from '../source.ts'
import type { CipherKey } from './cipher-key.ts'
import type { LiveDatabase } from './copied-database.ts'
import { DatabaseReader, type ReadDatabase } from './database-reader.ts'
import { expectUnchanged } from './expect-unchanged.ts'
import { factsOf } from './facts-of.ts'
import { findRuins } from './find-ruins.ts'
import { requireDatabase } from './require-database.ts'
import { RestoreStage } from './restore-stage.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { COMPANIONS } from './swap.ts'

/** The path of the database in every snapshot. */
export const DATABASE_PATH = 'database.db'

export interface SqliteSourceOptions {
  readonly settings: SourceSettings
  readonly schemaMap?: SchemaMap
  /** What is amiss with the settings and stops no backup, as sentences. */
  readonly problems?: readonly string[]
  /** Of the database where its settings say that it is encrypted, and of its backups; the newest first. */
  readonly keys?: readonly CipherKey[]
  /** A folder of ours, on this machine, for copies that pass. */
  readonly scratch: string
  /** A file of ours that remembers what the last reading found; without, every snapshot reads. */
  readonly lastRead?: string
  readonly disk?: Disk
}

/** A workspace whose database is SQLite, with its folder of images. Its files are opened in other processes only. */
export class SqliteSource implements Source {
  readonly #options: SqliteSourceOptions
  readonly #disk: Disk

  constructor(options: SqliteSourceOptions) {
    this.#options = options
    this.#disk = options.disk ?? realDisk
  }

  async state(job: JobContext): Promise<SourceState> {
    try {
      await requireDatabase(this.#database)
      await runSqliteTask({ kind: 'look', ...this.#live }, job)
      return 'sound'
    } catch (error) {
      return stateAfter(error, this.#options.settings.encryption !== undefined)
    }
  }

  async take(
    heading: Omit<Heading, 'takenAt'>,
    job: JobContext,
    { mayStayInPlace = false, withPageMap = false }: TakeOptions = {},
  ): Promise<Snapshot> {
    const taken = { ...heading, takenAt: job.clock.now() }
    const reader = new DatabaseReader({
      ...this.#options,
      live: this.#live,
      keys: this.#keys,
      disk: this.#disk,
      withPageMap,
    })
    return this.#snapshot(taken, mayStayInPlace ? await reader.readInPlace(taken, job) : await reader.read(job))
  }

  async requireClosed(job: JobContext): Promise<void> {
    await this.#requireNoHolder()
    if ((await this.state(job)) === 'sound') {
      await runSqliteTask({ kind: 'probe', ...this.#live }, job)
    }
  }

  async #requireNoHolder(): Promise<void> {
    const files = [this.#database, ...COMPANIONS.map((companion) => `${this.#database}${companion}`)]
    const holders = await processesWithOpen(files)
    if (holders.length > 0) {
      const names = holders.map((holder) => `${holder.name} (process ${holder.pid})`).join(', ')
      throw new TillsafeError('source.open', `${this.#database} is open in ${names}`)
    }
  }

  expectUnchanged(safetyBackup: Snapshot, job: JobContext): Promise<Expected> {
    return expectUnchanged(safetyBackup, this.#keys, this.#options.scratch, job)
  }

  async expectRuins(): Promise<Expected> {
    return { kind: 'no-database', ruins: findRuins(this.#database) }
  }

  stage(snapshot: Snapshot, restore: Id, job: JobContext): Promise<Staged> {
    return this.#stage(restore).fill(snapshot, job)
  }

  swap(staged: Staged, expected: Expected, job: JobContext): Promise<void> {
    return this.#stage(staged.restore).swap(staged, expected, job)
  }

  keepsMoreImages(restore: Id, saved: () => AsyncIterable<string>): Promise<boolean> {
    return this.#stage(restore).keepsMoreImages(saved)
  }

  forget(restore: Id): Promise<void> {
    return this.#stage(restore).remove()
  }

  get #database(): string {
    return this.#options.settings.database
  }

  get #keys(): readonly CipherKey[] {
    return this.#options.keys ?? []
  }

  /** The live database, and its keys where it has to be encrypted. */
  get #live(): LiveDatabase {
    const { database, encryption } = this.#options.settings
    return { database, ...(encryption && { keys: this.#keys }) }
  }

  #stage(restore: Id): RestoreStage {
    return new RestoreStage(this.#options.settings, this.#keys, restore, this.#disk)
  }

  #snapshot(heading: Heading, read: ReadDatabase): Snapshot {
    const { settings, schemaMap, problems: known = [] } = this.#options
    const images = settings.images === undefined ? undefined : new ImagesFolder(settings.images)
    read.inspected.catch(() => undefined) // whoever awaits the facts hears of it
    return {
      heading,
      async *entries() {
        yield databaseEntry(read)
        yield* images?.entries() ?? []
      },
      async facts() {
        return factsOf(read.copy, await read.inspected, schemaMap, [...known, ...(images?.problems ?? [])])
      },
      async [Symbol.asyncDispose]() {
        await read[Symbol.asyncDispose]()
      },
    }
  }
}

function databaseEntry({ copy: { bytes, sha256, fingerprint }, bytes: bytesOf }: ReadDatabase): Entry {
  return {
    path: DATABASE_PATH,
    part: 'database',
    pageSize: fingerprint.pageSize,
    bytes,
    open: async (range) => (await bytesOf()).content.open(range),
    hashes: { sha256, map: async () => (await bytesOf()).map() },
  }
}

/**
 * What can't be read with the keys of its settings can't be saved first, whatever it is: a restore sets it aside, and keeps it.
 * Where the key itself is missing, it has to be found before anything is done.
 */
function stateAfter(error: unknown, isEncrypted: boolean): SourceState {
  if (error instanceof TillsafeError) {
    switch (error.code) {
      case 'source.missing':
      case 'source.wal-without-database':
        return 'missing'
      case 'source.not-a-database':
      case 'source.damaged':
      case 'source.key-wrong':
      case 'source.not-encrypted':
        return 'damaged'
      case 'source.key-needed':
        if (!isEncrypted) {
          return 'damaged'
        }
    }
  }
  throw error
}
