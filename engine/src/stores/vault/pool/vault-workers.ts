import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { VaultKey } from '../format/seal.ts'
import type { SharedIds } from '../repository/id-table.ts'
import type { VaultAnswers, VaultTask, VaultWorkerStart } from './vault-task.ts'

// Beside this file, as source or as what was built from it.
const WORKER = new URL(`./vault-worker${import.meta.url.slice(-3)}`, import.meta.url)
const MOST_WORKERS = 4

/** Threads that do a vault's computing. Put away, they end. */
export class VaultWorkers implements AsyncDisposable {
  readonly workers: readonly VaultWorker[]

  constructor(key: VaultKey, known: SharedIds, count: number = Math.min(MOST_WORKERS, availableParallelism())) {
    this.workers = Array.from({ length: count }, () => new VaultWorker({ key, known }))
  }

  /** Does a task on the thread that has the least to do. */
  async run<T extends VaultTask>(task: T, transfer: readonly ArrayBuffer[]): Promise<VaultAnswers[T['kind']]> {
    return await this.leastBusy().run(task, transfer)
  }

  leastBusy(): VaultWorker {
    return this.workers.reduce((least, worker) => (worker.waiting < least.waiting ? worker : least))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => await worker.end()))
  }
}

/** One thread: it answers in the order in which it was asked. */
export class VaultWorker {
  readonly #thread: Worker
  readonly #asked: { resolve: (answer: never) => void; reject: (error: unknown) => void }[] = []
  #ended: unknown

  constructor(start: VaultWorkerStart) {
    this.#thread = new Worker(WORKER, {
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
      execArgv: [], // those of a host program may not fit a thread of ours
    })
    this.#thread.on('message', (message: { answer: never } | { failure: unknown }) => {
      const asker = this.#asked.shift()
      if ('failure' in message) {
        asker?.reject(message.failure)
      } else {
        asker?.resolve(message.answer)
      }
    })
    this.#thread.on('error', (error) => this.#fail(error))
    this.#thread.on('exit', () => this.#fail(new Error('a thread of the vault has ended')))
    this.#thread.unref()
  }

  /** Tasks that it has not answered yet. */
  get waiting(): number {
    return this.#asked.length
  }

  async run<T extends VaultTask>(task: T, transfer: readonly ArrayBuffer[]): Promise<VaultAnswers[T['kind']]> {
    if (this.#ended !== undefined) {
      throw this.#ended
    }
    const { promise, resolve, reject } = Promise.withResolvers<VaultAnswers[T['kind']]>()
    this.#asked.push({ resolve, reject })
    this.#thread.ref()
    this.#thread.postMessage(task, [...transfer])
    try {
      return await promise
    } finally {
      if (this.#asked.length === 0) {
        this.#thread.unref()
      }
    }
  }

  async end(): Promise<void> {
    await this.#thread.terminate()
  }

  #fail(error: unknown): void {
    this.#ended ??= error
    for (const { reject } of this.#asked.splice(0)) {
      reject(this.#ended)
    }
  }
}
