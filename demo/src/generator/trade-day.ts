import { addDays } from '../calendar/add-days.ts'
import type { OpeningHours } from '../calendar/opening-hours.ts'
import type { Floor } from '../floor/floor.ts'
import { moveCash } from '../floor/move-cash.ts'
import { payTable } from '../floor/pay-table.ts'
import { serveCustomer } from '../floor/serve-customer.ts'
import { takeTableOrder } from '../floor/take-table-order.ts'
import { closeDay } from '../till/close-day.ts'
import { closeEndedPeriods } from '../till/close-ended-periods.ts'
import type { Till } from '../till/till.ts'
import { changeOperator, openTill } from './open-till.ts'

const HOUR_SECONDS = 3600
const FIRST_TILL_SHARE = 0.6

export interface TradingDay {
  readonly date: string
  readonly hours: OpeningHours
  readonly customers: number
  /** Tables that are still open when the lights go out; none on most days. */
  readonly tablesLeft: number
}

/** One day of the shop: opening, customers in their rush hours, tables, cash to the bank, Z on each till. */
export function tradeDay(floor: Floor, tills: readonly Till[], day: TradingDay): void {
  const { date, hours } = day
  const { time } = floor.shop
  const opensAt = time.instant(date, hours.opensAtHour * HOUR_SECONDS)
  for (const till of tills) {
    openTill(floor, till, opensAt - 900_000)
    if (floor.random.chance(0.08)) moveCash(floor, till, 5000, 'Appoint de monnaie', opensAt - 600_000)
  }
  let hasChanged = false
  for (const second of arrivals(floor, day)) {
    if (!hasChanged && second > 14 * HOUR_SECONDS) {
      for (const till of tills) changeOperator(floor, till, time.instant(date, 14 * HOUR_SECONDS))
      hasChanged = true
    }
    serveCustomer(floor, pickTill(floor, tills), time.instant(date, second))
  }
  closeShop(floor, tills, day)
}

function pickTill({ random }: Floor, tills: readonly Till[]): Till {
  const till = random.chance(FIRST_TILL_SHARE) ? tills[0] : random.pick(tills)
  if (till === undefined) throw new RangeError('a shop has a till')
  return till
}

/** The second of the day at which each customer comes, in order. */
function arrivals({ random }: Floor, { hours, customers }: TradingDay): readonly number[] {
  const { opensAtHour, rush } = hours
  const hourList = rush.map((_weight, index) => opensAtHour + index)
  const seconds = Array.from({ length: customers }, () => {
    return random.weighted(hourList, rush) * HOUR_SECONDS + random.below(HOUR_SECONDS)
  })
  return seconds.sort((one, other) => one - other)
}

function closeShop(floor: Floor, tills: readonly Till[], { date, hours, tablesLeft }: TradingDay): void {
  const { shop, tables } = floor
  const closesAt = shop.time.instant(date, hours.closesAtHour * HOUR_SECONDS)
  seatLastGuests(floor, tills, tablesLeft, closesAt)
  for (const till of tills) {
    for (const table of tables.filter((one) => one.registerId === till.register.id)) {
      if (tables.length > tablesLeft) payTable(floor, till, table, closesAt)
    }
    bringToBank(floor, till, closesAt + 300_000)
    closeDay(till, countingError(floor), closesAt + 600_000)
    closeEndedPeriods(till, addDays(date, 1), closesAt + 900_000)
  }
}

/** However quiet the day was, those tables are there. */
function seatLastGuests(floor: Floor, [till]: readonly Till[], tables: number, at: number): void {
  for (let tries = 0; tries < 50 && till !== undefined && floor.tables.length < tables; tries += 1) {
    takeTableOrder(floor, till, at)
  }
}

function countingError({ random }: Floor): number {
  return random.chance(0.85) ? 0 : random.between(-12, 10) * 10
}

const CASH_SQL = `SELECT coalesce(sum(p.amount), 0) FROM ticket_payments p JOIN tickets t ON t.id = p.ticket_id
  WHERE t.register_id = ? AND t.z_period = ? AND t.kind <> 'training' AND p.method = 'cash'`

/** Full notes go to the bank; the float stays. */
function bringToBank(floor: Floor, till: Till, at: number): void {
  const cash = Number(floor.shop.db.prepare(CASH_SQL).pluck().get(till.register.id, till.zPeriod))
  const amount = Math.floor(cash / 1000) * 1000
  if (amount > 0) moveCash(floor, till, 0 - amount, 'Dépôt en banque', at)
}
