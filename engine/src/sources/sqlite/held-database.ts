import type { SchemaMap } from '../../model/index.ts'
import type { Content, Range } from '../../snapshot/content.ts'
import { readFileRange } from '../../snapshot/file-content.ts'
import { PageMap } from '../../snapshot/pages/page-map.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { errorOf } from '../../work/confined-process.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { CommittedState } from './committed-state.ts'
import { ended, HeldProcess } from './held-process.ts'
import { COPY, type HoldMessage, WINDOW } from './hold-task.ts'
import type { InspectResult } from './inspect.ts'
import { LIMITS, type SnapshotResult } from './snapshot-task.ts'
import { runSqliteTask } from './sqlite-process.ts'

const PIECE_BYTES = 512 * 1024

export interface Holding {
  readonly database: string
  readonly schemaMap?: SchemaMap
  /** A folder of ours: when somebody sells, a copy is made there. */
  readonly scratch: string
}

/**
 * A live database that is held in its committed state, and read where it lies. When somebody sells, all of it is copied and the
 * till let go; who reads it does not notice.
 */
export class HeldDatabase implements AsyncDisposable {
  readonly #holding: Holding
  readonly #folder: TemporaryFolder
  readonly #signal: AbortSignal
  readonly #process: HeldProcess
  readonly #held = Promise.withResolvers<boolean>()
  readonly #inspected = Promise.withResolvers<InspectResult>()
  readonly #ended = new AbortController()
  /** Which parts of the window are in use: each who reads has one. */
  readonly #slots: boolean[] = []
  #isInspected = false
  #isCopied = false
  /** Why the look into the database failed: then nothing of it can be had any more. */
  #failure: Error | undefined
  #map: Uint8Array = Buffer.alloc(0)
  #result: SnapshotResult | undefined
  #releasing: Promise<CommittedState | undefined> | undefined

  /** Undefined when it can't be held, for whatever reason: then it has to be copied. */
  static async hold(holding: Holding, job: JobContext): Promise<HeldDatabase | undefined> {
    throwIfCancelled(job.signal)
    const folder = await TemporaryFolder.make(holding.scratch, 'snapshot-')
    const database = new HeldDatabase(holding, folder, job)
    if (job.signal.aborted) {
      database.#stop()
    }
    if (!(await database.#held.promise)) {
      await database[Symbol.asyncDispose]()
      throwIfCancelled(job.signal)
      return undefined
    }
    return database
  }

  private constructor(holding: Holding, folder: TemporaryFolder, job: JobContext) {
    this.#holding = holding
    this.#folder = folder
    this.#signal = job.signal
    this.#inspected.promise.catch(() => undefined) // whoever awaits the facts hears of it
    const { database, schemaMap } = holding
    const task = { database, folder: this.#folder.path, limits: LIMITS, ...(schemaMap && { schemaMap }) }
    this.#process = new HeldProcess(task, (told) => this.#hear(told, job))
    job.signal.addEventListener('abort', this.#stop)
  }

  get copy(): SnapshotResult {
    if (this.#result === undefined) {
      throw new Error('the database is not held')
    }
    return this.#result
  }

  get inspected(): Promise<InspectResult> {
    return this.#inspected.promise
  }

  get content(): Content {
    const { bytes } = this.copy
    return { bytes, open: async (range = { start: 0, end: bytes }) => this.#read(range) }
  }

  async map(): Promise<PageMap | undefined> {
    return PageMap.decode(this.#map)
  }

  /** Lets the till's database go. What it was then, where that is what was held. */
  release(): Promise<CommittedState | undefined> {
    this.#releasing ??=
      this.#isInspected && !this.#isCopied ? this.#process.release() : this.#process.stop().then(() => undefined)
    return this.#releasing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#ended.abort()
    await this.release()
    await this.#inspected.promise.catch(() => undefined)
    await this.#folder[Symbol.asyncDispose]()
  }

  get #copied(): string {
    return this.#folder.join(COPY)
  }

  readonly #stop = (): void => void this.#process.stop()

  #hear(told: Exclude<HoldMessage, { kind: 'read' | 'read-failed' | 'released' }> | undefined, job: JobContext): void {
    switch (told?.kind) {
      case 'progress':
        job.report({ step: 'snapshot', bytes: told.bytes, totalBytes: told.totalBytes })
        break
      case 'held':
        this.#result = told.result
        this.#map = told.map
        this.#held.resolve(true)
        break
      case 'refused':
        this.#held.resolve(false)
        break
      case 'inspected':
        this.#isInspected = true
        this.#inspected.resolve(told.result)
        break
      case 'inspection-failed':
        this.#isInspected = true
        this.#failure = errorOf(told.failure)
        this.#inspected.reject(this.#failure)
        break
      case 'copied':
        this.#useCopy()
        break
      case undefined:
        this.#held.resolve(false)
        this.#endInspection()
        break
      default:
        told satisfies never
    }
  }

  /** From now on the copy is what is read, and looked into where that is not done: the till is let go at once. */
  #useCopy(): void {
    this.#isCopied = true
    this.#stop()
  }

  #endInspection(): void {
    if (this.#isInspected) {
      return
    }
    if (this.#isCopied && !this.#ended.signal.aborted) {
      const { database: of, schemaMap } = this.#holding
      const task = { kind: 'inspect', file: this.#copied, of, ...(schemaMap && { schemaMap }) } as const
      this.#inspected.resolve(runSqliteTask(task, { signal: AbortSignal.any([this.#signal, this.#ended.signal]) }))
    } else {
      this.#inspected.reject(ended())
    }
  }

  async *#read({ start, end }: Range): AsyncIterable<Uint8Array> {
    const slot = this.#slots.indexOf(false)
    const place = slot < 0 ? this.#slots.length : slot
    this.#slots[place] = true
    try {
      for (let position = start; position < end; position += PIECE_BYTES) {
        throwIfCancelled(this.#signal)
        yield* await this.#piece({ start: position, end: Math.min(end, position + PIECE_BYTES) }, place * PIECE_BYTES)
      }
    } finally {
      this.#slots[place] = false
    }
  }

  async #piece({ start, end }: Range, at: number): Promise<AsyncIterable<Uint8Array>> {
    if (!this.#isCopied) {
      try {
        await this.#process.read({ start, end, at })
        return readFileRange(this.#folder.join(WINDOW), { start: at, end: at + end - start })
      } catch (error) {
        if (!this.#isCopied) {
          throw this.#failure ?? error
        }
      }
    }
    return readFileRange(this.#copied, { start, end })
  }
}
