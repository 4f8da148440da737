import { setImmediate, setTimeout } from 'node:timers/promises'
import { Random } from '../chance/random.ts'
import { Durations } from './durations.ts'
import { Ledger } from './ledger.ts'
import { LiveShop } from './live-shop.ts'
import type { SellerOptions } from './seller-options.ts'
import type { LastTicket, SellerStatistics } from './seller-statistics.ts'

const PAUSE_MS = 20

/** A live shop selling at a pace, measured, until it is stopped. */
export class Selling implements Disposable {
  readonly #options: SellerOptions
  readonly #shop: LiveShop
  readonly #ledger: Ledger | undefined
  readonly #random: Random
  readonly #commits = new Durations()
  readonly #sales = new Durations()
  readonly #lastTickets = new Map<number, LastTicket>()
  #tickets = 0
  #checkpoints = 0
  #busy = 0
  #isStopped = false
  isPaused = false

  constructor(options: SellerOptions) {
    const begun = performance.now()
    this.#options = options
    this.#shop = new LiveShop(options, () => performance.now() - begun)
    this.#ledger = options.ledger && new Ledger(options.ledger.file, options.ledger.isSynced)
    this.#random = new Random(`${options.seed ?? 1}/checkpoints`)
  }

  /** Sells until `stop`; gives way to messages after each ticket. */
  async run(): Promise<void> {
    const { ticketsPerSecond } = this.#options
    let due = performance.now()
    while (!this.#isStopped) {
      if (this.isPaused) due = performance.now()
      else this.#sellOne()
      if (ticketsPerSecond !== undefined) due += 1000 / ticketsPerSecond
      await this.#waitUntil(due)
    }
  }

  stop(): void {
    this.#isStopped = true
  }

  closeDay(): void {
    this.#shop.closeDay()
  }

  measureAfresh(): void {
    this.#commits.clear()
    this.#sales.clear()
  }

  statistics(): SellerStatistics {
    return {
      tickets: this.#tickets,
      lastTickets: [...this.#lastTickets.values()],
      commits: this.#commits.summarize(),
      sales: this.#sales.summarize(),
      checkpoints: this.#checkpoints,
      busy: this.#busy,
    }
  }

  [Symbol.dispose](): void {
    this.#shop[Symbol.dispose]()
    this.#ledger?.[Symbol.dispose]()
  }

  #sellOne(): void {
    try {
      const { ticket, commitMs, saleMs } = this.#shop.sell()
      this.#ledger?.note(ticket)
      this.#commits.add(commitMs)
      this.#sales.add(saleMs)
      this.#tickets += 1
      const { registerId: register, seq, hash, draft } = ticket
      this.#lastTickets.set(register, { register, uid: draft.uid, seq, hash })
      this.#checkpointAtRandom()
    } catch (error) {
      if (!isBusy(error)) throw error
      this.#busy += 1
    }
  }

  #checkpointAtRandom(): void {
    const { checkpoints } = this.#options
    if (checkpoints === undefined || !this.#random.chance(checkpoints.probability)) return
    this.#shop.checkpoint(this.#random.pick(checkpoints.modes))
    this.#checkpoints += 1
  }

  async #waitUntil(due: number): Promise<void> {
    const left = this.isPaused ? PAUSE_MS : due - performance.now()
    if (left > 1) await setTimeout(left)
    else await setImmediate()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
