import { issueTicket } from '../till/issue-ticket.ts'
import { priceLines } from '../till/price-lines.ts'
import type { Till } from '../till/till.ts'
import { pay } from './choose-payments.ts'
import { draftTicket } from './draft-ticket.ts'
import type { Floor } from './floor.ts'

/** Cash brought to the drawer, or taken from it when negative: a ticket of its own that counts in no sales total. */
export function moveCash(floor: Floor, till: Till, amount: number, label: string, at: number): void {
  const line = {
    productId: null,
    label,
    nature: 'cash_movement',
    quantityMilli: 1000,
    unitPriceIncl: amount,
    rateBp: 0,
    discount: 0,
    discountReason: null,
  } as const
  const kind = amount < 0 ? 'cash_out' : 'cash_in'
  const paid = { payments: [pay('cash', amount, null)], rounding: 0 }
  issueTicket(till, draftTicket(floor, priceLines([line]), paid, { kind, at, note: label }))
}
