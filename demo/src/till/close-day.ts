import type { Row } from '../database/inserts.ts'
import { COUNTED_KINDS_SQL } from './counted-kinds.ts'
import { formatEuros } from './format-euros.ts'
import { sealClosure } from './seal-closure.ts'
import type { Till } from './till.ts'
import { writeAudit } from './write-audit.ts'

const IN_PERIOD = 'register_id = @register AND z_period = @z'
const COUNTED = `kind IN ${COUNTED_KINDS_SQL}`
const COUNTED_TICKETS = `SELECT id FROM tickets WHERE ${IN_PERIOD} AND ${COUNTED}`

const SUMS_SQL = `SELECT min(seq) AS first_ticket_seq, max(seq) AS last_ticket_seq,
  count(*) FILTER (WHERE ${COUNTED}) AS ticket_count, ${countAndTotal('sale')}, ${countAndTotal('refund')},
  ${countAndTotal('void')}, ${countAndTotal('training')}, count(*) FILTER (WHERE kind = 'proforma') AS proforma_count,
  ${total('total_excl', 'total_excl')}, ${total('total_tax', 'total_tax')}, ${total('discount', 'discount_total')},
  ${total('tip', 'tip_total')}, ${total('rounding', 'rounding')}, ${total('total_incl', 'period_total')},
  ${total('abs(total_incl)', 'period_absolute_total')},
  coalesce(sum(total_incl) FILTER (WHERE kind = 'cash_in'), 0) AS cash_in,
  coalesce(-sum(total_incl) FILTER (WHERE kind = 'cash_out'), 0) AS cash_out
  FROM tickets WHERE ${IN_PERIOD}`

const TAXES_SQL = `SELECT nature, rate_bp, sum(base_excl) AS base_excl, sum(amount) AS amount,
  sum(total_incl) AS total_incl FROM ticket_taxes WHERE ticket_id IN (${COUNTED_TICKETS})
  GROUP BY nature, rate_bp ORDER BY nature, rate_bp`

const PAYMENTS_SQL = `SELECT method, count(*) AS count, sum(amount) AS amount FROM ticket_payments
  WHERE ticket_id IN (${COUNTED_TICKETS}) GROUP BY method ORDER BY method`

/** Seals the till's day (Z): cash counted, totals sealed, session closed. The next ticket is number 1 again. */
export function closeDay(till: Till, cashDifference: number, at: number): void {
  const { session, register, zPeriod, shop } = till
  if (session === undefined) throw new Error(`register ${register.id} has no open session`)
  const period = { register: register.id, z: zPeriod }
  const taxes = shop.db.prepare(TAXES_SQL).all(period) as Row[]
  const payments = shop.db.prepare(PAYMENTS_SQL).all(period) as Row[]
  const tickets = shop.db.prepare(SUMS_SQL).get(period) as Row
  const cash = payments.find((row) => row['method'] === 'cash')?.['amount'] ?? 0
  const expected = session.opening_float + Number(cash) + Number(tickets['cash_in']) - Number(tickets['cash_out'])
  const sums = {
    ...tickets,
    ...countedEvents(till),
    gift_card_total: giftCardTotal(taxes),
    opened_at: session.opened_at,
    opening_float: session.opening_float,
    expected_cash: expected,
    counted_cash: expected + cashDifference,
  }
  sealClosure(till, { type: 'day', period: session.business_date, at, sums, taxes, payments })
  finishSession(till, expected, expected + cashDifference, at)
  auditClosing(till, zPeriod, Number(tickets['period_total']), at)
  till.readState()
}

function giftCardTotal(taxes: readonly Row[]): number {
  return Number(taxes.find((row) => row['nature'] === 'gift_multi')?.['total_incl'] ?? 0)
}

function countedEvents({ shop, register, session }: Till): Row {
  const since = [register.id, session?.opened_at ?? '']
  const drawers = `SELECT count(*) FROM audit_entries WHERE action = 'DRAWER_OPEN' AND register_id = ? AND at >= ?`
  const reprints = 'SELECT count(*) FROM reprints WHERE register_id = ? AND at >= ?'
  return {
    drawer_count: Number(shop.db.prepare(drawers).pluck().get(since)),
    reprint_count: Number(shop.db.prepare(reprints).pluck().get(since)),
  }
}

function finishSession({ shop, session }: Till, expected: number, counted: number, at: number): void {
  const sql = 'UPDATE pos_sessions SET closed_at = ?, expected_cash = ?, counted_cash = ? WHERE id = ?'
  shop.db.prepare(sql).run(shop.time.stamp(at), expected, counted, session?.id)
}

function auditClosing(till: Till, zPeriod: number, periodTotal: number, at: number): void {
  const description = `Clôture journalière Z ${zPeriod} : ${formatEuros(periodTotal)}`
  writeAudit(till, { at, action: 'Z_CLOSURE', code: 50, description, newValue: String(periodTotal) })
  writeAudit(till, { at, action: 'LOGOUT', code: 40, description: `Déconnexion de ${till.register.name}` })
}

function countAndTotal(kind: string): string {
  const filter = `FILTER (WHERE kind = '${kind}')`
  return `count(*) ${filter} AS ${kind}_count, coalesce(sum(total_incl) ${filter}, 0) AS ${kind}_total`
}

function total(expression: string, name: string): string {
  return `coalesce(sum(${expression}) FILTER (WHERE ${COUNTED}), 0) AS ${name}`
}
