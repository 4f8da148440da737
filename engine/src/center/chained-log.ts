import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Clock, Instant } from '../model/index.ts'
import { isSignedBy, type Signer } from '../work/signer.ts'
import type { Sqlite } from '../work/sqlite.ts'

/** An entry as it stands in a chained log. */
export type Chained<E> = E & { readonly seq: number; readonly at: Instant }

/** Whose log it is: the key of the chain (base64) and the shop's signature. */
export interface LogOwner {
  readonly key: string
  readonly signer: Signer
}

/** The previous hash of the first entry. */
const CHAIN_BEGIN = '0'.repeat(64)

interface Row {
  readonly entry: string
  readonly prev_hash: string
  readonly hash: string
  readonly signature: string
}

/**
 * A log in a table of the state database, in which nothing can be changed or cut out of the middle unseen. The hash of
 * an entry is the HMAC-SHA-256, hex, of the hash before it (64 zeros at first), a line feed, and the entry as canonical
 * JSON (RFC 8785); each hash is signed with Ed25519.
 */
export class ChainedLog<E extends object> {
  readonly #connection: Sqlite
  readonly #table: string
  readonly #owner: LogOwner
  readonly #clock: Clock

  constructor(connection: Sqlite, table: 'audit' | 'witness', owner: LogOwner, clock: Clock) {
    this.#connection = connection
    this.#table = table
    this.#owner = owner
    this.#clock = clock
    connection.exec(`CREATE TABLE IF NOT EXISTS ${table} (
      seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL
    ) STRICT`)
  }

  add(body: E): void {
    const last = this.#connection.prepare(`SELECT seq, hash FROM ${this.#table} ORDER BY seq DESC LIMIT 1`).get() as
      | { seq: number; hash: string }
      | undefined
    const entry: Chained<E> = { ...body, seq: (last?.seq ?? 0) + 1, at: this.#clock.now() }
    const prevHash = last?.hash ?? CHAIN_BEGIN
    const hash = this.#hashOf(entry, prevHash)
    this.#connection
      .prepare(`INSERT INTO ${this.#table} VALUES (?, ?, ?, ?, ?)`)
      .run(entry.seq, JSON.stringify(entry), prevHash, hash, this.#owner.signer.sign(Buffer.from(hash)))
  }

  /** The oldest first. */
  entries(): Chained<E>[] {
    return this.#rows().map(({ entry }) => JSON.parse(entry))
  }

  /** Where the chain is broken, as sentences; empty when every entry holds. */
  verify(): string[] {
    const rows = this.#rows()
    return rows.flatMap((row, n) => {
      const broken = this.#breakOf(row, rows[n - 1]?.hash ?? CHAIN_BEGIN)
      return broken === undefined ? [] : [`${this.#table} entry ${n + 1} ${broken}`]
    })
  }

  #rows(): Row[] {
    return this.#connection.prepare(`SELECT * FROM ${this.#table} ORDER BY seq`).all() as Row[]
  }

  #breakOf(row: Row, prevHash: string): string | undefined {
    if (row.prev_hash !== prevHash) {
      return 'does not follow the entry before it'
    }
    if (this.#hashOf(JSON.parse(row.entry), prevHash) !== row.hash) {
      return 'was altered'
    }
    const isOurs = isSignedBy(this.#owner.signer.publicKey, Buffer.from(row.hash), row.signature)
    return isOurs ? undefined : 'is not signed by this shop'
  }

  #hashOf(entry: object, prevHash: string): string {
    const key = Buffer.from(this.#owner.key, 'base64')
    return createHmac('sha256', key)
      .update(`${prevHash}\n${canonicalize(entry)}`)
      .digest('hex')
  }
}
