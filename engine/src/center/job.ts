import { failureOf, type Id, type JobKind, type JobStatus, type Progress } from '../model/index.ts'

/** One run of something. Watch it, cancel it, await its result. */
export class Job<R> {
  readonly id: Id
  readonly kind: JobKind
  readonly workspace: string
  /** Rejects with the error when the job failed or was cancelled. */
  readonly result: Promise<R>
  readonly #cancelled = new AbortController()
  readonly #watchers = new Set<(status: JobStatus) => void>()
  #status: JobStatus = { state: 'queued' }

  /** Begins once `turn` is over. */
  constructor(
    about: { id: Id; kind: JobKind; workspace: string },
    turn: Promise<unknown>,
    work: (job: Job<R>) => Promise<R>,
  ) {
    this.id = about.id
    this.kind = about.kind
    this.workspace = about.workspace
    this.result = turn.then(() => this.#run(work))
    this.result.catch(() => undefined) // whoever awaits the result hears of it
  }

  get status(): JobStatus {
    return this.#status
  }

  get signal(): AbortSignal {
    return this.#cancelled.signal
  }

  cancel(): void {
    this.#cancelled.abort()
  }

  report(progress: Progress): void {
    this.#become({ state: 'running', progress })
  }

  /** Calls back with the status now and at each change. Returns how to stop watching. */
  watch(watcher: (status: JobStatus) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#status)
    return () => this.#watchers.delete(watcher)
  }

  async #run(work: (job: Job<R>) => Promise<R>): Promise<R> {
    this.report({ step: 'waiting', bytes: 0 })
    try {
      const result = await work(this)
      this.#become({ state: 'succeeded' })
      return result
    } catch (error) {
      const failure = failureOf(error)
      this.#become(failure.code === 'job.cancelled' ? { state: 'cancelled' } : { state: 'failed', error: failure })
      throw error
    }
  }

  #become(status: JobStatus): void {
    this.#status = status
    for (const watcher of this.#watchers) {
      watcher(status)
    }
  }
}
