import { readFile } from 'node:fs/promises'
import {
  type DatabaseFingerprint,
  type Facts,
  fingerprintDifferences,
  type Heading,
  type Id,
  type SchemaMap,
  type SourceSettings,
  TillsafeError,
} from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import { PageMap } from '../../snapshot/pages/page-map.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { type Disk, realDisk } from '../../work/disk.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { ImagesFolder } from '../images-folder.ts'
import { processesWithOpen } from '../open-files.ts'
import type { Expected, Source, SourceState, Staged } from '../source.ts'
import { chainHeadsOf } from './chain-heads-of.ts'
import type { CipherKey } from './cipher-key.ts'
import { expectUnchanged } from './expect-unchanged.ts'
import { findRuins } from './find-ruins.ts'
import type { InspectResult } from './inspect.ts'
import { requireDatabase } from './require-database.ts'
import { RestoreStage } from './restore-stage.ts'
import type { PinLimits, SnapshotResult } from './snapshot-task.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { COMPANIONS } from './swap.ts'

/** The path of the database in every snapshot. */
export const DATABASE_PATH = 'database.db'

/** What a snapshot's folder holds: the copy of the database, and the hashes of its pages. */
const COPY = 'database'
const PAGE_MAP = 'database.pages'

const LIMITS: PinLimits = { milliseconds: 15 * 60_000, walGrowthBytes: 4 * 1024 ** 3 }

export interface SqliteSourceOptions {
  readonly settings: SourceSettings
  readonly schemaMap?: SchemaMap
  /** What is amiss with the settings and stops no backup, as sentences. */
  readonly problems?: readonly string[]
  /** Of the database where its settings say that it is encrypted, and of its backups; the newest first. */
  readonly keys?: readonly CipherKey[]
  /** A folder of ours, on this machine, for copies that pass. */
  readonly scratch: string
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

  async take(heading: Omit<Heading, 'takenAt'>, job: JobContext): Promise<Snapshot> {
    const bytes = await requireDatabase(this.#database)
    await requireSpace(this.#options.scratch, bytes + MARGIN_BYTES, 'the copy of the database')
    const folder = await TemporaryFolder.make(this.#options.scratch, 'snapshot-')
    try {
      const takenAt = job.clock.now()
      const copy = await this.#copy(folder, job)
      return this.#snapshot({ ...heading, takenAt }, folder, copy, job)
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
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
  get #live(): { readonly database: string; readonly keys?: readonly CipherKey[] } {
    const { database, encryption } = this.#options.settings
    return { database, ...(encryption && { keys: this.#keys }) }
  }

  #stage(restore: Id): RestoreStage {
    return new RestoreStage(this.#options.settings, this.#keys, restore, this.#disk)
  }

  async #copy(folder: TemporaryFolder, job: JobContext): Promise<SnapshotResult> {
    const [target, pageMap] = [folder.join(COPY), folder.join(PAGE_MAP)]
    return runSqliteTask(
      { kind: 'snapshot', ...this.#live, target, pageMap, limits: LIMITS },
      { signal: job.signal, onProgress: (bytes, totalBytes) => job.report({ step: 'snapshot', bytes, totalBytes }) },
    )
  }

  #snapshot(heading: Heading, folder: TemporaryFolder, copy: SnapshotResult, job: JobContext): Snapshot {
    const images =
      this.#options.settings.images === undefined ? undefined : new ImagesFolder(this.#options.settings.images)
    const ended = new AbortController()
    const signal = AbortSignal.any([job.signal, ended.signal])
    const { schemaMap, problems: known = [] } = this.#options
    const task = {
      kind: 'inspect',
      file: folder.join(COPY),
      of: this.#database,
      keys: this.#keys,
      ...(schemaMap && { schemaMap }),
    } as const
    const inspected = runSqliteTask(task, { signal })
    inspected.catch(() => undefined) // whoever awaits the facts hears of it
    return {
      heading,
      async *entries() {
        yield databaseEntry(folder, copy)
        yield* images?.entries() ?? []
      },
      async facts() {
        return factsOf(copy, await inspected, schemaMap, [...known, ...(images?.problems ?? [])])
      },
      async [Symbol.asyncDispose]() {
        ended.abort()
        await inspected.catch(() => undefined)
        await folder[Symbol.asyncDispose]()
      },
    }
  }
}

function databaseEntry(folder: TemporaryFolder, { bytes, sha256, fingerprint }: SnapshotResult): Entry {
  return {
    ...fileContent(folder.join(COPY), bytes),
    path: DATABASE_PATH,
    part: 'database',
    pageSize: fingerprint.pageSize,
    async hashes() {
      const map = PageMap.decode(await readFile(folder.join(PAGE_MAP)))
      return map && { sha256, map }
    },
  }
}

/** Throws when the copy is not what the source was; faults that the source has too only mark the backup. */
function factsOf(
  copy: SnapshotResult,
  inspected: InspectResult,
  schemaMap: SchemaMap | undefined,
  problems: readonly string[],
): Facts {
  const { meaning, faults, unchecked } = inspected
  if (faults.length === 0) {
    requireEqual(copy.fingerprint, inspected.fingerprint)
  }
  return {
    database: {
      engine: 'sqlite',
      bytes: copy.bytes,
      sha256: copy.sha256,
      // Where pages don't fit together, rows are counted by one way or another: the label says what its own checks will find.
      fingerprint: inspected.fingerprint,
      condition: faults.length === 0 ? 'sound' : 'damaged',
      encryption: copy.encryption,
    },
    ...(schemaMap && { schemaMap: schemaMap.name }),
    ...(meaning.applicationVersion === undefined ? {} : { applicationVersion: meaning.applicationVersion }),
    ...(meaning.fiscalPeriod && { fiscalPeriod: meaning.fiscalPeriod }),
    sections: [...meaning.sections],
    counters: { ...meaning.counters },
    chainHeads: chainHeadsOf(meaning),
    problems: [...faults.slice(0, 20), ...unchecked.slice(0, 20), ...meaning.problems, ...problems].map((sentence) =>
      sentence.slice(0, 1000),
    ),
  }
}

function requireEqual(source: DatabaseFingerprint, copy: DatabaseFingerprint): void {
  const differences = fingerprintDifferences(source, copy)
  if (differences.length > 0) {
    throw new TillsafeError('backup.damaged', `the copy differs from the database: ${differences.join('; ')}`)
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
