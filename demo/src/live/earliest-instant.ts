import { addDays } from '../calendar/add-days.ts'
import type { Shop } from '../till/shop.ts'

const LAST_TIMES = [
  'SELECT issued_at FROM tickets WHERE register_id = ? ORDER BY seq DESC LIMIT 1',
  'SELECT at FROM audit_entries WHERE register_id = ? ORDER BY seq DESC LIMIT 1',
  'SELECT sealed_at FROM closures WHERE register_id = ? ORDER BY seq DESC LIMIT 1',
]

/** Before this nothing more may be sold: what is recorded is earlier, and closed months stay closed. */
export function earliestInstant({ db, time }: Shop, registers: readonly number[]): number {
  const last = registers.flatMap((register) => LAST_TIMES.map((sql) => db.prepare(sql).pluck().get(register)))
  const instants = last.filter((text) => typeof text === 'string').map((text) => Date.parse(text))
  const month = db.prepare(`SELECT max(period) FROM closures WHERE type = 'month'`).pluck().get()
  if (typeof month === 'string') instants.push(time.instant(`${addDays(`${month}-28`, 4).slice(0, 7)}-01`, 6 * 3600))
  return Math.max(0, ...instants)
}
