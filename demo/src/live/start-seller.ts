import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SellerAnswer, SellerRequest } from './seller-messages.ts'
import type { SellerOptions } from './seller-options.ts'
import type { SellerStatistics } from './seller-statistics.ts'

const CHILD = fileURLToPath(new URL('./seller-child.ts', import.meta.url))

/** A process that sells on a POS database. Disposing stops it. */
export interface Seller extends AsyncDisposable {
  readonly pid: number
  statistics(): Promise<SellerStatistics>
  /** Gives what was measured so far, and starts measuring again: idle against backup, say. */
  measureAfresh(): Promise<SellerStatistics>
  /** No more tickets from the moment this resolves; the database stays open, as in an idle till. */
  pause(): Promise<SellerStatistics>
  resume(): Promise<SellerStatistics>
  /** Makes the Z on every open till; the next ticket opens a new session. */
  closeDay(): Promise<SellerStatistics>
  /** Finishes the ticket, closes the database, ends the process. The day stays open, as in a till switched off. */
  stop(): Promise<SellerStatistics>
  /** A power cut for this process alone. */
  kill(): Promise<void>
}

/** Starts selling in a process of its own; resolves when the first ticket may come. */
export async function startSeller(options: SellerOptions): Promise<Seller> {
  const child = fork(CHILD, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const seller = new ForkedSeller(child)
  await seller.begin(options)
  return seller
}

interface Waiter {
  resolve(answer: SellerAnswer): void
  reject(error: Error): void
}

class ForkedSeller implements Seller {
  readonly #child: ChildProcess
  readonly #waiters: Waiter[] = []
  readonly #exited: Promise<unknown>
  #failure: Error | undefined
  #stopped: Promise<SellerStatistics> | undefined

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', (answer: SellerAnswer) => this.#hear(answer))
    child.on('error', (error) => this.#end(error))
    child.on('exit', (code, signal) => this.#end(new Error(`the seller ended (${signal ?? code})`)))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async begin(options: SellerOptions): Promise<void> {
    await this.#ask({ kind: 'start', options })
  }

  statistics(): Promise<SellerStatistics> {
    return this.#tell({ kind: 'report' })
  }

  measureAfresh(): Promise<SellerStatistics> {
    return this.#tell({ kind: 'measure-afresh' })
  }

  pause(): Promise<SellerStatistics> {
    return this.#tell({ kind: 'pause' })
  }

  resume(): Promise<SellerStatistics> {
    return this.#tell({ kind: 'resume' })
  }

  closeDay(): Promise<SellerStatistics> {
    return this.#tell({ kind: 'close-day' })
  }

  stop(): Promise<SellerStatistics> {
    this.#stopped ??= this.#stopOnce()
    return this.#stopped
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) await this.stop()
    else await this.#exited
  }

  async #stopOnce(): Promise<SellerStatistics> {
    const statistics = await this.#tell({ kind: 'stop' })
    await this.#exited
    return statistics
  }

  async #tell(request: SellerRequest): Promise<SellerStatistics> {
    const answer = await this.#ask(request)
    if (answer.kind !== 'done') throw new Error(`the seller answered ${answer.kind}`)
    return answer.statistics
  }

  #ask(request: SellerRequest): Promise<SellerAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { promise, resolve, reject } = Promise.withResolvers<SellerAnswer>()
    this.#waiters.push({ resolve, reject })
    this.#child.send(request, (error) => {
      if (error) this.#end(error)
    })
    return promise
  }

  #hear(answer: SellerAnswer): void {
    if (answer.kind === 'failed') this.#end(new Error(answer.message))
    else this.#waiters.shift()?.resolve(answer)
  }

  #end(error: Error): void {
    this.#failure ??= error
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure)
  }
}
