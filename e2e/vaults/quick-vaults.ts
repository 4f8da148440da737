import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import timers from 'node:timers/promises'
import threads, { type Worker, type WorkerOptions } from 'node:worker_threads'
import type { Clock } from '../../engine/src/model/index.ts'

/**
 * Makes this process quick with vaults, until it is put away: what waits for a lock does so in no time, by a clock that goes on
 * all the same; and the threads of one that was opened to be read serve the next with the same key.
 */
export function quickVaults(): { readonly clock: Clock } & Disposable {
  const { setTimeout } = timers
  const { availableParallelism } = os
  let skippedMs = 0
  const ticks = (): number => performance.now() + skippedMs
  const pause: typeof setTimeout = async (milliseconds = 0, value, options) => {
    if (options?.ref !== false) {
      skippedMs += milliseconds
    }
    return await setTimeout(options?.ref === false ? milliseconds : 0, value, options)
  }
  timers.setTimeout = pause
  os.availableParallelism = () => 1
  Object.assign(threads, { Worker: KeptWorker })
  syncBuiltinESMExports()
  return {
    clock: { now: () => new Date(BEGIN_MS + ticks()).toISOString(), ticks },
    [Symbol.dispose]() {
      timers.setTimeout = setTimeout
      os.availableParallelism = availableParallelism
      Object.assign(threads, { Worker: RealWorker })
      syncBuiltinESMExports()
      KeptWorker.endAll()
    },
  }
}

const BEGIN_MS = Date.parse('2026-11-21T10:57:00Z')

/** A name that is imported would be the changed one. */
const { Worker: RealWorker } = threads

/** Who has a thread now: what it says goes there. */
interface Thread {
  readonly worker: Worker
  owner: KeptWorker | undefined
}

/** A thread that is kept when it is ended, unless it was asked to store anything or has not answered yet. */
class KeptWorker extends EventEmitter {
  static readonly #kept = new Map<string, Thread[]>()
  readonly #key: string
  readonly #thread: Thread
  #asked = 0
  #isOurs = false

  constructor(file: string | URL, options: WorkerOptions = {}) {
    super()
    const { key, known } = options.workerData as {
      key: Record<string, Uint8Array>
      known: { slots: SharedArrayBuffer }
    }
    this.#key = Object.values(key)
      .map((bytes) => Buffer.from(bytes).toString('hex'))
      .join()
    const isForReading = new Uint32Array(known.slots).every((slot) => slot === 0) // who saves brings what is stored
    const kept = isForReading ? KeptWorker.#kept.get(this.#key)?.pop() : undefined
    this.#thread = kept ?? startThread(new RealWorker(file, options))
    this.#thread.owner = this
    this.on('message', () => {
      this.#asked -= 1
    })
  }

  static endAll(): void {
    for (const { worker } of [...KeptWorker.#kept.values()].flat()) {
      void worker.terminate()
    }
    KeptWorker.#kept.clear()
  }

  ref(): void {
    this.#thread.worker.ref()
  }

  unref(): void {
    this.#thread.worker.unref()
  }

  postMessage(task: { readonly kind: string }, transfer: ArrayBuffer[]): void {
    this.#asked += 1
    this.#isOurs ||= task.kind === 'store' || task.kind === 'finish'
    this.#thread.worker.postMessage(task, transfer)
  }

  async terminate(): Promise<void> {
    this.#thread.owner = undefined
    if (this.#asked > 0 || this.#isOurs) {
      await this.#thread.worker.terminate()
      this.emit('exit', 1)
    } else {
      KeptWorker.#kept.set(this.#key, [...(KeptWorker.#kept.get(this.#key) ?? []), this.#thread])
    }
  }
}

function startThread(worker: Worker): Thread {
  const thread: Thread = { worker, owner: undefined }
  for (const event of ['message', 'error', 'exit']) {
    worker.on(event, (said: unknown) => thread.owner?.emit(event, said))
  }
  return thread
}
