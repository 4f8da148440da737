import type { Row } from '../database/inserts.ts'
import type { ChainedTable } from '../schema/chained-columns.ts'
import { chainText } from './chain-text.ts'
import { FIRST_PREVIOUS_HASH, linkHash } from './link-hash.ts'
import type { Shop } from './shop.ts'

/** The growing end of one chain: one table on one register. */
export class Chain {
  readonly #shop: Shop
  readonly #table: ChainedTable
  readonly #registerId: number
  #seq = 0
  #hash = FIRST_PREVIOUS_HASH

  constructor(shop: Shop, table: ChainedTable, registerId: number) {
    this.#shop = shop
    this.#table = table
    this.#registerId = registerId
    this.refresh()
  }

  /** The sequence number that the next record carries. */
  get nextSeq(): number {
    return this.#seq + 1
  }

  get hash(): string {
    return this.#hash
  }

  /** Looks where the chain ends in the database: another connection, or a rollback, may have moved it. */
  refresh(): void {
    const sql = `SELECT seq, hash FROM ${this.#table} WHERE register_id = ? ORDER BY seq DESC LIMIT 1`
    const head = this.#shop.db.prepare(sql).get(this.#registerId) as { seq: number; hash: string } | undefined
    this.#seq = head?.seq ?? 0
    this.#hash = head?.hash ?? FIRST_PREVIOUS_HASH
  }

  /** Adds a row, which carries `nextSeq`; gives its id. The rows that belong to it are the caller's to insert. */
  add(row: Row, parts: Readonly<Record<string, readonly Row[]>> = {}): number {
    const previous = this.#hash
    const hash = linkHash(this.#shop.key, previous, chainText(this.#table, row, parts))
    const id = this.#shop.inserts.into(this.#table, {
      ...row,
      prev_hash: previous,
      hash,
      sig_alg: 'hmac-sha256',
      key_id: this.#shop.keyId,
    })
    this.#seq += 1
    this.#hash = hash
    return id
  }
}
