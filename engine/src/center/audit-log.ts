import type { Clock } from '../model/index.ts'
import type { Signer } from '../work/signer.ts'
import type { Sqlite } from '../work/sqlite.ts'
import { breakOf, CHAIN_BEGIN, chain, type Link } from './chained-log.ts'

/** What the center did, as the audit log names it. */
export type Act =
  | 'shop.created'
  | 'workspace.added'
  | 'workspace.removed'
  | 'backup.taken'
  | 'backup.failed'
  | 'restore.begun'
  | 'restore.done'
  | 'restore.finished-after-interruption'
  | 'restore.abandoned'
  | 'database.optimized'

export interface AuditEntry {
  readonly seq: number
  readonly at: string
  readonly act: Act
  readonly details: Readonly<Record<string, unknown>>
}

/** Each act of the center, chained and signed: nothing can be changed or cut out unseen. */
export class AuditLog {
  readonly #connection: Sqlite
  readonly #key: string
  readonly #signer: Signer
  readonly #clock: Clock

  constructor(connection: Sqlite, key: string, signer: Signer, clock: Clock) {
    this.#connection = connection
    this.#key = key
    this.#signer = signer
    this.#clock = clock
  }

  add(act: Act, details: AuditEntry['details']): void {
    const last = this.#connection.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get() as
      | { seq: number; hash: string }
      | undefined
    const entry: AuditEntry = { seq: (last?.seq ?? 0) + 1, at: this.#clock.now(), act, details }
    const link = chain(entry, last?.hash ?? CHAIN_BEGIN, this.#key, this.#signer)
    this.#connection
      .prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(entry.seq, entry.at, act, JSON.stringify(details), link.prevHash, link.hash, link.signature)
  }

  entries(): (AuditEntry & Link)[] {
    const rows = this.#connection.prepare('SELECT * FROM audit ORDER BY seq').all() as (Record<string, string> & {
      seq: number
    })[]
    return rows.map((row) => ({
      seq: row.seq,
      at: String(row['at']),
      act: row['act'] as Act,
      details: JSON.parse(String(row['details'])),
      prevHash: String(row['prev_hash']),
      hash: String(row['hash']),
      signature: String(row['signature']),
    }))
  }

  /** Where the chain is broken, as sentences; empty when every entry holds. */
  verify(): string[] {
    let prevHash = CHAIN_BEGIN
    const breaks: string[] = []
    for (const { prevHash: before, hash, signature, ...entry } of this.entries()) {
      const broken = breakOf(entry, { prevHash: before, hash, signature }, prevHash, this.#key, this.#signer.publicKey)
      if (broken !== undefined) {
        breaks.push(`audit entry ${entry.seq} ${broken}`)
      }
      prevHash = hash
    }
    return breaks
  }
}
