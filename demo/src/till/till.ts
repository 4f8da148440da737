import { Chain } from './chain.ts'
import type { Shop } from './shop.ts'

export interface Register {
  readonly id: number
  readonly name: string
  readonly device: string
  readonly software_version: string
  readonly opening_float: number
  readonly is_test: number
}

export interface Session {
  readonly id: number
  readonly business_date: string
  readonly opened_at: string
  readonly opening_float: number
}

/** One register at work: where its chains end, its Z period, its open session, who stands at it. */
export class Till {
  readonly shop: Shop
  readonly tickets: Chain
  readonly closures: Chain
  readonly audits: Chain
  readonly reprints: Chain
  operatorId = 1
  #register: Register | undefined
  #zPeriod = 1
  #nextNumber = 1
  #session: Session | undefined
  readonly #registerId: number

  constructor(shop: Shop, registerId: number) {
    this.shop = shop
    this.#registerId = registerId
    this.tickets = new Chain(shop, 'tickets', registerId)
    this.closures = new Chain(shop, 'closures', registerId)
    this.audits = new Chain(shop, 'audit_entries', registerId)
    this.reprints = new Chain(shop, 'reprints', registerId)
    this.readState()
  }

  get register(): Register {
    if (this.#register === undefined) throw new Error(`there is no register ${this.#registerId}`)
    return this.#register
  }

  get session(): Session | undefined {
    return this.#session
  }

  get zPeriod(): number {
    return this.#zPeriod
  }

  /** The next ticket's number in its Z period; asking takes it. */
  takeNumber(): number {
    const number = this.#nextNumber
    this.#nextNumber += 1
    return number
  }

  /** Forgets what it remembers and reads the database: after a rollback, or when another connection has written. */
  refresh(): void {
    for (const chain of [this.tickets, this.closures, this.audits, this.reprints]) chain.refresh()
    this.readState()
  }

  /** Reads register, Z period, number and session: after an opening or a closing. */
  readState(): void {
    const { db } = this.shop
    const id = this.#registerId
    this.#register = db.prepare('SELECT * FROM registers WHERE id = ?').get(id) as Register | undefined
    const lastZ = db.prepare(`SELECT max(number) FROM closures WHERE register_id = ? AND type = 'day'`).pluck().get(id)
    this.#zPeriod = Number(lastZ ?? 0) + 1
    const lastNumber = db.prepare('SELECT max(number) FROM tickets WHERE register_id = ? AND z_period = ?')
    this.#nextNumber = Number(lastNumber.pluck().get(id, this.#zPeriod) ?? 0) + 1
    const session = db.prepare(
      'SELECT * FROM pos_sessions WHERE register_id = ? AND z_period = ? AND closed_at IS NULL',
    )
    this.#session = session.get(id, this.#zPeriod) as Session | undefined
  }
}
