import { ShopTime } from '../calendar/shop-time.ts'
import { Random } from '../chance/random.ts'
import { Inserts } from '../database/inserts.ts'
import { openDatabase } from '../database/open-database.ts'
import type { Floor } from '../floor/floor.ts'
import { readFloor } from '../floor/read-floor.ts'
import { serveCustomer } from '../floor/serve-customer.ts'
import { openTill } from '../generator/open-till.ts'
import { closeDay } from '../till/close-day.ts'
import { readFiscalKey } from '../till/fiscal-key.ts'
import type { Shop } from '../till/shop.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'
import { Till } from '../till/till.ts'
import { earliestInstant } from './earliest-instant.ts'
import type { SellerOptions } from './seller-options.ts'

const TIME_ZONE = 'Europe/Paris'

export interface TimedSale {
  readonly ticket: IssuedTicket
  readonly commitMs: number
  readonly saleMs: number
}

/** A shop that goes on selling where its database stands: chains, numbers, open tables and sessions continue. */
export class LiveShop implements Disposable {
  readonly #shop: Shop
  readonly #random: Random
  readonly #tills: readonly Till[]
  readonly #startsAt: number
  readonly #elapsedMs: () => number
  #earliest: number
  #floor: Floor
  #dataVersion: unknown

  /** `elapsedMs` is the time since the start: together with `startAt` it is the shop's clock. */
  constructor(options: SellerOptions, elapsedMs: () => number) {
    const { databaseFile, databaseKey, keyFile, registers = [1, 2], timeZone = TIME_ZONE, seed = 1 } = options
    const db = openDatabase(databaseFile, { databaseKey })
    db.pragma(`synchronous = ${options.synchronous ?? 'FULL'}`)
    if (options.autocheckpointPages !== undefined) db.pragma(`wal_autocheckpoint = ${options.autocheckpointPages}`)
    this.#shop = { db, inserts: new Inserts(db), time: new ShopTime(timeZone), ...readFiscalKey(keyFile) }
    // Where the chains stand is part of the seed: a till that is started again draws no uid twice.
    const standing = db.prepare('SELECT max(id) FROM tickets').pluck().get()
    this.#random = new Random(`${seed}/live/${registers.join()}/${options.startAt}/${standing}`)
    this.#tills = registers.map((register) => new Till(this.#shop, register))
    this.#startsAt = Date.parse(options.startAt)
    this.#elapsedMs = elapsedMs
    this.#earliest = earliestInstant(this.#shop, registers)
    this.#floor = readFloor(this.#shop, this.#random)
    this.#dataVersion = this.#readDataVersion()
  }

  /** Sells one ticket in a transaction of its own. A failed one leaves nothing behind, and may be tried again. */
  sell(): TimedSale {
    const till = this.#random.pick(this.#tills)
    return this.#commit(() => {
      const at = this.#now()
      this.#keepOpen(till, at)
      return serveCustomer(this.#floor, till, at)
    })
  }

  /** Seals the day on every till that is open. */
  closeDay(): void {
    for (const till of this.#tills) {
      if (till.session !== undefined) this.#commit(() => closeDay(till, 0, this.#now()))
    }
  }

  checkpoint(mode: string): void {
    this.#shop.db.pragma(`wal_checkpoint(${mode})`)
  }

  [Symbol.dispose](): void {
    this.#shop.db.close()
  }

  #commit<T>(deed: () => T): { ticket: T; commitMs: number; saleMs: number } {
    const { db } = this.#shop
    const begun = performance.now()
    db.exec('BEGIN IMMEDIATE')
    try {
      this.#noticeOthers()
      const ticket = deed()
      const decided = performance.now()
      db.exec('COMMIT')
      const done = performance.now()
      return { ticket, commitMs: done - decided, saleMs: done - begun }
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      this.#readAgain()
      throw error
    }
  }

  /** The shop's clock, never earlier than what is already recorded. */
  #now(): number {
    this.#earliest = Math.max(this.#earliest, this.#startsAt + this.#elapsedMs())
    return this.#earliest
  }

  /** A till that is open since an earlier day is closed first. */
  #keepOpen(till: Till, at: number): void {
    const { session } = till
    if (session !== undefined && session.business_date < this.#shop.time.date(at)) closeDay(till, 0, at)
    if (till.session === undefined) openTill(this.#floor, till, at)
  }

  /** Another connection that has committed may have moved anything; asked inside the transaction, so it stays true. */
  #noticeOthers(): void {
    const dataVersion = this.#readDataVersion()
    if (dataVersion === this.#dataVersion) return
    this.#dataVersion = dataVersion
    this.#readAgain()
  }

  #readDataVersion(): unknown {
    return this.#shop.db.pragma('data_version', { simple: true })
  }

  #readAgain(): void {
    for (const till of this.#tills) till.refresh()
    this.#floor = { ...readFloor(this.#shop, this.#random), recent: this.#floor.recent }
  }
}
