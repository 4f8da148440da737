import type { Row } from '../database/inserts.ts'
import { formatEuros } from './format-euros.ts'
import { sealClosure } from './seal-closure.ts'
import type { Till } from './till.ts'
import { writeAudit } from './write-audit.ts'

const SUMMED = [
  'ticket_count sale_count sale_total refund_count refund_total void_count void_total total_excl total_tax discount_total',
  'tip_total gift_card_total rounding training_count training_total proforma_count reprint_count drawer_count cash_in',
  'cash_out opening_float expected_cash counted_cash period_total period_absolute_total',
].flatMap((line) => line.split(' '))

const DAYS = `register_id = @register AND type = 'day' AND substr(period, 1, @length) = @period`
const DAY_IDS = `SELECT id FROM closures WHERE ${DAYS}`

const SUMS_SQL = `SELECT min(first_ticket_seq) AS first_ticket_seq, max(last_ticket_seq) AS last_ticket_seq,
  min(opened_at) AS opened_at,
  ${SUMMED.map((name) => `sum(${name}) AS ${name}`).join(', ')} FROM closures WHERE ${DAYS}`

const TAXES_SQL = `SELECT nature, rate_bp, sum(base_excl) AS base_excl, sum(amount) AS amount,
  sum(total_incl) AS total_incl FROM closure_taxes WHERE closure_id IN (${DAY_IDS})
  GROUP BY nature, rate_bp ORDER BY nature, rate_bp`

const PAYMENTS_SQL = `SELECT method, sum(count) AS count, sum(amount) AS amount FROM closure_payments
  WHERE closure_id IN (${DAY_IDS}) GROUP BY method ORDER BY method`

const ENDED_SQL = `SELECT DISTINCT substr(period, 1, @length) FROM closures
  WHERE register_id = @register AND type = 'day' AND substr(period, 1, @length) < @today
  AND substr(period, 1, @length) > coalesce(
    (SELECT max(period) FROM closures WHERE register_id = @register AND type = @type), '')
  ORDER BY 1`

/** Seals the months and years that have day closures and ended before `today`; a till does so when it next opens. */
export function closeEndedPeriods(till: Till, today: string, at: number): void {
  closeEnded(till, 'month', today.slice(0, 7), at)
  closeEnded(till, 'year', today.slice(0, 4), at)
}

function closeEnded(till: Till, type: 'month' | 'year', today: string, at: number): void {
  const { shop, register } = till
  const asked = { register: register.id, length: today.length, today, type }
  for (const period of shop.db.prepare(ENDED_SQL).pluck().all(asked) as string[]) {
    const which = { register: register.id, length: today.length, period }
    const sums = shop.db.prepare(SUMS_SQL).get(which) as Row
    const taxes = shop.db.prepare(TAXES_SQL).all(which) as Row[]
    const payments = shop.db.prepare(PAYMENTS_SQL).all(which) as Row[]
    sealClosure(till, { type, period, at, sums, taxes, payments })
    auditPeriod(till, type, period, Number(sums['period_total']), at)
  }
}

function auditPeriod(till: Till, type: 'month' | 'year', period: string, periodTotal: number, at: number): void {
  const name = type === 'month' ? 'mensuelle' : 'annuelle'
  writeAudit(till, {
    at,
    action: type === 'month' ? 'MONTH_CLOSURE' : 'YEAR_CLOSURE',
    code: type === 'month' ? 50 : 60,
    description: `Clôture ${name} ${period} : ${formatEuros(periodTotal)}`,
    newValue: String(periodTotal),
  })
}
