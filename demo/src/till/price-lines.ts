import { addUp } from './add-up.ts'
import { divideRounded } from './divide-rounded.ts'
import type { DraftLine, PricedLine, PricedTicket } from './priced-ticket.ts'

const NEVER_DISCOUNTED: ReadonlySet<string> = new Set(['tip', 'gift_multi', 'bottle_deposit', 'cash_movement'])

/**
 * Prices a ticket: discounts off, then VAT out of the price, once per nature and rate.
 * A line's share of the VAT is what is left of its group's when the lines before it have theirs; so the rounding of the
 * whole is the rounding that the law asks for, and the lines still add up to it.
 */
export function priceLines(lines: readonly DraftLine[], ticketDiscountBp = 0): PricedTicket {
  const groups = new Map<string, { incl: number; excl: number }>()
  const priced = lines.map((line): PricedLine => {
    const gross = divideRounded(line.quantityMilli * line.unitPriceIncl, 1000) - line.discount
    const ticketDiscount = NEVER_DISCOUNTED.has(line.nature) ? 0 : divideRounded(gross * ticketDiscountBp, 10_000)
    const totalIncl = gross - ticketDiscount
    return { ...line, ticketDiscount, totalIncl, totalExcl: shareOfGroup(groups, line, totalIncl) }
  })
  return addUp(priced)
}

function shareOfGroup(groups: Map<string, { incl: number; excl: number }>, line: DraftLine, incl: number): number {
  const key = `${line.nature} ${line.rateBp}`
  const before = groups.get(key) ?? { incl: 0, excl: 0 }
  const after = { incl: before.incl + incl, excl: divideRounded((before.incl + incl) * 10_000, 10_000 + line.rateBp) }
  groups.set(key, after)
  return after.excl - before.excl
}
