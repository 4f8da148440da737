import { type Heading, type SchemaMap, type SourceSettings, TillsafeError } from '../../model/index.ts'
import type { Content } from '../../snapshot/content.ts'
import type { PageMap } from '../../snapshot/pages/page-map.ts'
import type { Disk } from '../../work/disk.ts'
import type { JobContext } from '../../work/job-context.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import type { CipherKey } from './cipher-key.ts'
import type { CommittedState } from './committed-state.ts'
import { CopiedDatabase, type LiveDatabase } from './copied-database.ts'
import { HeldDatabase } from './held-database.ts'
import type { InspectResult } from './inspect.ts'
import { keepLastRead, type LastRead, readLastRead } from './last-read.ts'
import { requireDatabase } from './require-database.ts'
import type { SnapshotResult } from './snapshot-task.ts'
import { runSqliteTask } from './sqlite-process.ts'

/** A database at one moment: what is known of it, and its bytes for who asks for them. */
export interface ReadDatabase extends AsyncDisposable {
  readonly copy: SnapshotResult
  readonly inspected: Promise<InspectResult>
  readonly bytes: () => Promise<DatabaseBytes>
  /** Its bytes are not needed any more. What the live database is now, as long as it is what was read. */
  readonly release: () => Promise<CommittedState | undefined>
}

interface DatabaseBytes {
  readonly content: Content
  /** The hashes of its pages, where they are known. */
  map(): Promise<PageMap | undefined>
}

/** What is read, and with what. */
interface Reading {
  readonly live: LiveDatabase
  readonly keys: readonly CipherKey[]
  readonly settings: SourceSettings
  readonly schemaMap?: SchemaMap
  readonly scratch: string
  readonly lastRead?: string
  readonly disk: Disk
  readonly withPageMap: boolean
}

const DAY_MS = 86_400_000
/** Coarser than the clock of any disk: exFAT counts two seconds. */
const SETTLED_MS = 3000

/** Reads a live database: copies it, and looks into the copy. */
export class DatabaseReader {
  readonly #reading: Reading

  constructor(reading: Reading) {
    this.#reading = reading
  }

  async read(job: JobContext): Promise<ReadDatabase> {
    const { live, keys, scratch, schemaMap, withPageMap } = this.#reading
    const copied = await CopiedDatabase.make(live, scratch, withPageMap, job)
    const ended = new AbortController()
    const task = {
      kind: 'inspect',
      file: copied.file,
      of: live.database,
      keys,
      ...(schemaMap && { schemaMap }),
    } as const
    const inspected = runSqliteTask(task, { signal: AbortSignal.any([job.signal, ended.signal]) })
    return {
      copy: copied.result,
      inspected,
      bytes: async () => copied,
      release: async () => copied.result.state,
      async [Symbol.asyncDispose]() {
        ended.abort()
        await inspected.catch(() => undefined)
        await copied[Symbol.asyncDispose]()
      },
    }
  }

  /** What the last reading found, when nobody has changed the database since; otherwise reads it, where it lies if that can be. */
  async readInPlace(heading: Heading, job: JobContext): Promise<ReadDatabase> {
    const { settings, schemaMap, lastRead } = this.#reading
    if (lastRead === undefined) {
      return await this.#holdOrRead(job)
    }
    const asked = sha256OfBytes(JSON.stringify([heading.tillsafeVersion, settings, schemaMap]))
    const last = await readLastRead(lastRead, asked)
    if (last !== undefined && (await this.#isStillTrue(last, job))) {
      return this.#recalled(last, job)
    }
    const read = await this.#holdOrRead(job)
    return {
      ...read,
      [Symbol.asyncDispose]: async () => {
        const state = await read.release()
        await read[Symbol.asyncDispose]()
        await this.#remember(lastRead, { asked, readAt: heading.takenAt }, read, state)
      },
    }
  }

  async #holdOrRead(job: JobContext): Promise<ReadDatabase> {
    const { live, schemaMap, scratch } = this.#reading
    if (live.keys !== undefined) {
      return await this.read(job) // each of its pages is looked at, and the engine reads only those in use
    }
    await requireDatabase(live.database)
    const held = await HeldDatabase.hold({ database: live.database, scratch, ...(schemaMap && { schemaMap }) }, job)
    if (held === undefined) {
      return await this.read(job)
    }
    return {
      copy: held.copy,
      inspected: held.inspected,
      bytes: async () => held,
      release: () => held.release(),
      [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
    }
  }

  /** Once a day the database is read all the same: disks rot. */
  async #isStillTrue({ readAt, mark }: LastRead, job: JobContext): Promise<boolean> {
    const { database } = this.#reading.live
    const age = Date.parse(job.clock.now()) - Date.parse(readAt)
    if (age < 0 || age >= DAY_MS) {
      return false
    }
    await requireDatabase(database)
    const state = await runSqliteTask({ kind: 'state', database }, job)
    return state?.mark === mark
  }

  /** Copied only when somebody asks for its bytes: then they have to be those that are spoken of. */
  #recalled({ copy, inspected }: LastRead, job: JobContext): ReadDatabase {
    let making: Promise<CopiedDatabase> | undefined
    return {
      copy,
      inspected: Promise.resolve(inspected),
      bytes: () => {
        making ??= this.#copySame(copy, job)
        return making
      },
      release: async () => undefined,
      async [Symbol.asyncDispose]() {
        const made = await making?.catch(() => undefined)
        await made?.[Symbol.asyncDispose]()
      },
    }
  }

  async #copySame({ sha256 }: SnapshotResult, job: JobContext): Promise<CopiedDatabase> {
    const { live, scratch, withPageMap } = this.#reading
    const copied = await CopiedDatabase.make(live, scratch, withPageMap, job)
    if (copied.result.sha256 !== sha256) {
      await copied[Symbol.asyncDispose]()
      throw new TillsafeError('source.busy', `somebody has sold in ${live.database} since this backup began`, {
        hint: 'Take the backup again.',
      })
    }
    return copied
  }

  /**
   * Keeps what a sound database was, unless it changed meanwhile. Not when it was written to a moment ago: what is written
   * within the same tick of the disk's clock would not be seen.
   */
  async #remember(
    file: string,
    { asked, readAt }: Pick<LastRead, 'asked' | 'readAt'>,
    { copy, inspected: inspecting }: ReadDatabase,
    state: CommittedState | undefined,
  ): Promise<void> {
    const inspected = await inspecting.catch(() => undefined)
    const isSettled = state !== undefined && Date.parse(readAt) - state.modifiedMs > SETTLED_MS
    if (isSettled && inspected?.faults.length === 0) {
      await keepLastRead(this.#reading.disk, file, { asked, readAt, mark: state.mark, copy, inspected })
    }
  }
}
