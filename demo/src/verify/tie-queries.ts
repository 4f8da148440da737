import { COUNTED_KINDS_SQL } from '../till/counted-kinds.ts'
import type { Finding } from './finding.ts'

export interface TieQuery {
  readonly kind: Finding['kind']
  readonly message: string
  /** Gives `where_` of each row for which it does not hold. */
  readonly sql: string
}

const TICKET = `'tickets ' || t.register_id || '/' || t.seq AS where_`
const CLOSURE = `'closures ' || c.register_id || '/' || c.seq AS where_`
const DAY_TICKETS = `FROM tickets t WHERE t.register_id = c.register_id AND t.z_period = c.number AND t.kind IN ${COUNTED_KINDS_SQL}`
const DAYS_OF = `FROM closures d WHERE d.register_id = c.register_id AND d.type = 'day'
  AND substr(d.period, 1, length(c.period)) = c.period`
const NEXT_CLOSURE = `SELECT *, lag(perpetual_total, 1, 0) OVER w AS before, lag(number, 1, 0) OVER w AS number_before,
  lag(perpetual_absolute_total, 1, 0) OVER w AS absolute_before
  FROM closures WINDOW w AS (PARTITION BY register_id, type ORDER BY seq)`

/** What must tie in a POS database, each as the SQL that finds where it does not. */
export const TIE_QUERIES: readonly TieQuery[] = [
  ticketTie('its lines', 't.total_incl', 'total_incl', 'ticket_lines'),
  ticketTie('its lines without VAT', 't.total_excl', 'total_excl', 'ticket_lines'),
  ticketTie('its taxes', 't.total_incl', 'total_incl', 'ticket_taxes'),
  ticketTie('its VAT', 't.total_tax', 'amount', 'ticket_taxes'),
  ticketTie('its tax bases', 't.total_excl', 'base_excl', 'ticket_taxes'),
  ticketTie('its payments', 't.total_incl + t.rounding', 'amount', 'ticket_payments', `t.kind <> 'proforma'`),
  {
    kind: 'TICKET_TOTAL_MISMATCH',
    message: 'a line is not quantity by price, less its discounts',
    sql: `SELECT ${TICKET} FROM ticket_lines l JOIN tickets t ON t.id = l.ticket_id
      WHERE abs(l.quantity_milli * l.unit_price_incl - 1000 * (l.total_incl + l.discount + l.ticket_discount)) > 500`,
  },
  closureTie('the tickets', 'c.period_total', 'sum(t.total_incl)'),
  closureTie('the tickets without VAT', 'c.total_excl', 'sum(t.total_excl)'),
  closureTie('the number of tickets', 'c.ticket_count', 'count(*)'),
  closureTie('the absolute total', 'c.period_absolute_total', 'sum(abs(t.total_incl))'),
  closureTie('the discounts', 'c.discount_total', 'sum(t.discount)'),
  closurePartTie('its taxes', 'c.period_total', 'total_incl', 'closure_taxes'),
  closurePartTie('its payments', 'c.period_total + c.rounding', 'amount', 'closure_payments'),
  {
    kind: 'CLOSURE_MISMATCH',
    message: 'is not the sum of its days',
    sql: `SELECT ${CLOSURE} FROM closures c WHERE c.type <> 'day' AND (c.period_total, c.ticket_count) IS NOT
      (SELECT sum(d.period_total), sum(d.ticket_count) ${DAYS_OF})`,
  },
  {
    kind: 'PERPETUAL_BREAK',
    message: 'the perpetual total does not go on from the closure before',
    sql: `SELECT ${CLOSURE} FROM (${NEXT_CLOSURE}) c WHERE c.perpetual_total <> c.before + c.period_total
      OR c.perpetual_absolute_total <> c.absolute_before + c.period_absolute_total`,
  },
  {
    kind: 'NUMBERING',
    message: 'the closure’s number does not follow the one before',
    sql: `SELECT ${CLOSURE} FROM (${NEXT_CLOSURE}) c WHERE c.number <> c.number_before + 1`,
  },
  {
    kind: 'NUMBERING',
    message: 'the numbers of its Z period do not run from 1 without a gap',
    sql: `SELECT 'tickets ' || register_id || ' Z ' || z_period AS where_ FROM tickets
      GROUP BY register_id, z_period HAVING min(number) <> 1 OR max(number) <> count(*)`,
  },
  {
    kind: 'CLOSURE_MISSING',
    message: 'its Z period is over and has no closure',
    sql: `SELECT DISTINCT 'tickets ' || t.register_id || ' Z ' || t.z_period AS where_ FROM tickets t
      WHERE t.z_period < (SELECT max(z_period) FROM tickets o WHERE o.register_id = t.register_id) AND NOT EXISTS
      (SELECT 1 FROM closures c WHERE c.register_id = t.register_id AND c.type = 'day' AND c.number = t.z_period)`,
  },
  {
    kind: 'CORRECTION_WITHOUT_ORIGINAL',
    message: 'refund or void does not refer to a ticket that bears its mark',
    sql: `SELECT ${TICKET} FROM tickets t WHERE t.kind IN ('refund', 'void')
      AND NOT EXISTS (SELECT 1 FROM tickets o WHERE o.id = t.ref_ticket_id AND o.corrected_by_id = t.id)`,
  },
  {
    kind: 'DUPLICATE_COUNT_MISMATCH',
    message: 'was not reprinted as often as it says',
    sql: `SELECT ${TICKET} FROM tickets t
      WHERE t.reprint_count <> (SELECT count(*) FROM reprints r WHERE r.ticket_id = t.id)`,
  },
  orphans('ticket_lines', 'ticket_id', 'tickets'),
  orphans('ticket_taxes', 'ticket_id', 'tickets'),
  orphans('ticket_payments', 'ticket_id', 'tickets'),
  orphans('closure_taxes', 'closure_id', 'closures'),
  orphans('closure_payments', 'closure_id', 'closures'),
]

function ticketTie(what: string, total: string, column: string, table: string, when = 'true'): TieQuery {
  const sum = `SELECT coalesce(sum(p.${column}), 0) FROM ${table} p WHERE p.ticket_id = t.id`
  const sql = `SELECT ${TICKET} FROM tickets t WHERE ${when} AND ${total} <> (${sum})`
  return { kind: 'TICKET_TOTAL_MISMATCH', message: `does not tie with ${what}`, sql }
}

function closureTie(what: string, total: string, sum: string): TieQuery {
  const sql = `SELECT ${CLOSURE} FROM closures c WHERE c.type = 'day' AND ${total} <>
    (SELECT coalesce(${sum}, 0) ${DAY_TICKETS})`
  return { kind: 'CLOSURE_MISMATCH', message: `does not tie with ${what}`, sql }
}

function closurePartTie(what: string, total: string, column: string, table: string): TieQuery {
  const sum = `SELECT coalesce(sum(p.${column}), 0) FROM ${table} p WHERE p.closure_id = c.id`
  const sql = `SELECT ${CLOSURE} FROM closures c WHERE ${total} <> (${sum})`
  return { kind: 'CLOSURE_MISMATCH', message: `does not tie with ${what}`, sql }
}

function orphans(table: string, column: string, parent: string): TieQuery {
  const sql = `SELECT '${table} ' || p.id AS where_ FROM ${table} p
    WHERE NOT EXISTS (SELECT 1 FROM ${parent} o WHERE o.id = p.${column})`
  return { kind: 'ORPHAN_ROW', message: `belongs to no row of ${parent}`, sql }
}
