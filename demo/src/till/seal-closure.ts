import type { Row } from '../database/inserts.ts'
import type { Till } from './till.ts'

export interface ClosureDraft {
  readonly type: 'day' | 'month' | 'year'
  readonly period: string
  readonly at: number
  /** Every column that is the sum of something; the perpetual totals come from the closure before. */
  readonly sums: Row
  readonly taxes: readonly Row[]
  readonly payments: readonly Row[]
}

interface Previous {
  readonly number: number
  readonly perpetual_total: number
  readonly perpetual_absolute_total: number
}

const NOTHING_YET: Previous = { number: 0, perpetual_total: 0, perpetual_absolute_total: 0 }

/** Writes a closure with its perpetual totals, which go on from the one before of the same type. */
export function sealClosure(till: Till, draft: ClosureDraft): void {
  const { type, period, at, sums } = draft
  const { register, shop } = till
  const previous = previousClosure(till, type)
  const parts = { payments: numbered(draft.payments), taxes: numbered(draft.taxes) }
  const id = till.closures.add(
    {
      ...sums,
      register_id: register.id,
      type,
      seq: till.closures.nextSeq,
      number: previous.number + 1,
      period,
      sealed_at: shop.time.stamp(at),
      operator_id: till.operatorId,
      perpetual_total: previous.perpetual_total + Number(sums['period_total']),
      perpetual_absolute_total: previous.perpetual_absolute_total + Number(sums['period_absolute_total']),
      software_version: register.software_version,
      is_test: register.is_test,
    },
    parts,
  )
  for (const tax of parts.taxes) shop.inserts.into('closure_taxes', { ...tax, closure_id: id })
  for (const payment of parts.payments) shop.inserts.into('closure_payments', { ...payment, closure_id: id })
}

function previousClosure(till: Till, type: string): Previous {
  const sql = `SELECT number, perpetual_total, perpetual_absolute_total FROM closures
    WHERE register_id = ? AND type = ? ORDER BY number DESC LIMIT 1`
  return (till.shop.db.prepare(sql).get(till.register.id, type) as Previous | undefined) ?? NOTHING_YET
}

function numbered(rows: readonly Row[]): readonly Row[] {
  return rows.map((row, index) => ({ ...row, no: index + 1 }))
}
