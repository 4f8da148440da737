import { type OpenOptions, openDatabase } from '../database/open-database.ts'
import { CHAINED_COLUMNS, type ChainedTable } from '../schema/chained-columns.ts'
import { readFiscalKey } from '../till/fiscal-key.ts'
import { checkChain } from './check-chain.ts'
import type { Finding } from './finding.ts'
import { TIE_QUERIES } from './tie-queries.ts'

const FINDINGS_AT_MOST = 1000

/**
 * Recomputes every chain and ties every total of a POS database, reading row by row.
 * No finding means that nothing was lost from the middle or altered; a cut tail does not show in a chain.
 */
export function verifyShop(
  databaseFile: string,
  keyFile: string,
  options: Pick<OpenOptions, 'databaseKey'> = {},
): readonly Finding[] {
  const key = readFiscalKey(keyFile)
  const db = openDatabase(databaseFile, { ...options, readonly: true })
  try {
    const findings: Finding[] = []
    // One read transaction, so that a till that goes on selling cannot make it see two states.
    db.transaction(() => {
      for (const finding of allFindings()) if (findings.push(finding) >= FINDINGS_AT_MOST) return
    })()
    return findings
  } finally {
    db.close()
  }

  function* allFindings(): Generator<Finding> {
    for (const table of Object.keys(CHAINED_COLUMNS) as ChainedTable[]) yield* checkChain(db, table, key)
    for (const { kind, message, sql } of TIE_QUERIES) {
      for (const where of db.prepare(sql).pluck().iterate()) yield { kind, message, where: String(where) }
    }
  }
}
