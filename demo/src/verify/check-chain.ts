import type { PosDatabase } from '../database/pos-database.ts'
import { chainTextSql } from '../schema/chain-text-sql.ts'
import type { ChainedTable } from '../schema/chained-columns.ts'
import type { FiscalKey } from '../till/fiscal-key.ts'
import { FIRST_PREVIOUS_HASH, linkHash } from '../till/link-hash.ts'
import type { Finding } from './finding.ts'

const TIME_COLUMN: Readonly<Record<ChainedTable, string>> = {
  tickets: 'issued_at',
  closures: 'sealed_at',
  audit_entries: 'at',
  reprints: 'at',
}

interface Link {
  readonly register: number
  readonly seq: number
  readonly previous: string
  readonly hash: string
  readonly keyId: string
  readonly at: string
  readonly text: string
}

/** Recomputes one kind of chain on every register, link by link. */
export function* checkChain(db: PosDatabase, table: ChainedTable, key: FiscalKey): Generator<Finding> {
  const sql = `SELECT t.register_id AS register, t.seq, t.prev_hash AS previous, t.hash, t.key_id AS keyId,
    t.${TIME_COLUMN[table]} AS at, ${chainTextSql(table)} AS text FROM ${table} t ORDER BY t.register_id, t.seq`
  let last: Link | undefined
  for (const link of db.prepare(sql).iterate() as IterableIterator<Link>) {
    yield* checkLink(table, link, last?.register === link.register ? last : undefined, key)
    last = link
  }
}

function* checkLink(table: string, link: Link, before: Link | undefined, key: FiscalKey): Generator<Finding> {
  const where = `${table} ${link.register}/${link.seq}`
  const expectedSeq = (before?.seq ?? 0) + 1
  if (link.seq !== expectedSeq) yield { kind: 'SEQ_GAP', where, message: `expected number ${expectedSeq}` }
  if (link.previous !== (before?.hash ?? FIRST_PREVIOUS_HASH)) {
    yield { kind: 'PREV_MISMATCH', where, message: 'does not follow the record before it' }
  }
  if (link.keyId !== key.keyId) yield { kind: 'UNKNOWN_KEY', where, message: `made with the key ${link.keyId}` }
  if (link.hash !== linkHash(key.key, link.previous, link.text)) {
    yield { kind: 'HASH_MISMATCH', where, message: 'was changed after it was written' }
  }
  if (before !== undefined && Date.parse(link.at) < Date.parse(before.at)) {
    yield { kind: 'TIME_REGRESSION', where, message: `${link.at} comes after ${before.at}` }
  }
}
