import { setImmediate } from 'node:timers/promises'
import { addDays } from '../calendar/add-days.ts'
import { openingHours } from '../calendar/opening-hours.ts'
import { Random } from '../chance/random.ts'
import type { Floor } from '../floor/floor.ts'
import { readFloor } from '../floor/read-floor.ts'
import { closeEndedPeriods } from '../till/close-ended-periods.ts'
import type { Shop } from '../till/shop.ts'
import { Till } from '../till/till.ts'
import { rehearse } from './rehearse.ts'
import { runBackOffice } from './run-back-office.ts'
import type { ShopOptions } from './shop-options.ts'
import { tradeDay } from './trade-day.ts'

const TICKETS_PER_DAY = 330
const TABLES_LEFT_OPEN = 3
const DAWN_SECOND = 5 * 3600
const NIGHT_SECOND = 23 * 3600

/** All the days of the history, a transaction each; a shop that is in service has been rehearsed on the test register. */
export async function tradeDays(shop: Shop, options: ShopOptions): Promise<void> {
  const { seed, days, until, signal, onProgress } = options
  const floor = readFloor(shop, new Random(`${seed}/sales`))
  const tills = [new Till(shop, 1), new Till(shop, 2)]
  const first = addDays(until, 1 - days)
  if (options.isInService !== false) {
    inTransaction(shop, () => rehearse(floor, new Till(shop, 3), shop.time.instant(first, DAWN_SECOND)))
  }
  for (let index = 0; index < days; index += 1) {
    signal?.throwIfAborted()
    const day = addDays(first, index)
    inTransaction(shop, () => liveThroughDay(floor, tills, day, options))
    onProgress?.({ day, daysDone: index + 1, days })
    await setImmediate()
  }
}

function liveThroughDay(floor: Floor, tills: readonly Till[], date: string, options: ShopOptions): void {
  const { seed, until, ticketsPerDay = TICKETS_PER_DAY } = options
  const { time } = floor.shop
  const random = new Random(`${seed}/office/${date}`)
  const hours = openingHours(date)
  const customers = Math.round((ticketsPerDay * (hours?.busy ?? 0) * random.between(88, 112)) / 100)
  if (hours !== undefined) {
    for (const till of tills.slice(0, 1)) runBackOffice(floor, till, random, time.instant(date, DAWN_SECOND + 1800))
    tradeDay(floor, tills, { date, hours, customers, tablesLeft: date === until ? TABLES_LEFT_OPEN : 0 })
  }
  for (const till of tills) closeEndedPeriods(till, addDays(date, 1), time.instant(date, NIGHT_SECOND))
}

function inTransaction(shop: Shop, deed: () => void): void {
  shop.db.transaction(deed).immediate()
}
