import type { Floor } from '../floor/floor.ts'
import { sellAtCounter } from '../floor/sell-at-counter.ts'
import { closeDay } from '../till/close-day.ts'
import { reprintTicket } from '../till/reprint-ticket.ts'
import type { Till } from '../till/till.ts'
import { openTill } from './open-till.ts'

/** The installer tries the till before the hand-over, on the test register, which has chains of its own. */
export function rehearse(floor: Floor, till: Till, at: number): void {
  openTill(floor, till, at)
  for (let no = 1; no <= 12; no += 1) {
    const issued = sellAtCounter(floor, till, 'sale', at + no * 60_000)
    if (no === 6) reprintTicket(till, issued.id, at + no * 60_000)
  }
  closeDay(till, 0, at + 20 * 60_000)
}
