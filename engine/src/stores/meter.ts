import type { Step } from '../model/index.ts'
import { throwIfCancelled } from '../work/cancel.ts'
import { giveBackMemory } from '../work/give-back-memory.ts'
import type { JobContext } from '../work/job-context.ts'

const GIVE_BACK_EVERY_BYTES = 8 * 1024 * 1024

/** Counts the bytes of one step, reports them, and ends the streams that pass through it when the job is cancelled. */
export class Meter {
  readonly #job: JobContext
  readonly #step: Step
  readonly #totalBytes: number
  #bytes = 0
  #sinceGivenBack = 0

  constructor(job: JobContext, step: Step, totalBytes: number) {
    this.#job = job
    this.#step = step
    this.#totalBytes = totalBytes
  }

  get signal(): AbortSignal {
    return this.#job.signal
  }

  add(bytes: number): void {
    this.#sinceGivenBack += bytes
    if (this.#sinceGivenBack >= GIVE_BACK_EVERY_BYTES) {
      this.#sinceGivenBack = 0
      giveBackMemory()
    }
    this.addUnread(bytes)
  }

  /** Counts bytes that nobody had to read, so that they took no memory. */
  addUnread(bytes: number): void {
    throwIfCancelled(this.#job.signal)
    this.#bytes += bytes
    this.#job.report({
      step: this.#step,
      bytes: this.#bytes,
      totalBytes: Math.max(this.#totalBytes, this.#bytes),
    })
  }

  async *pass(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    this.add(0)
    for await (const chunk of stream) {
      this.add(chunk.byteLength)
      yield chunk
    }
  }
}
