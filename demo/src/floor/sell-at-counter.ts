import { issueTicket } from '../till/issue-ticket.ts'
import { priceLines } from '../till/price-lines.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'
import type { Till } from '../till/till.ts'
import { choosePayments } from './choose-payments.ts'
import { draftTicket } from './draft-ticket.ts'
import { drawBasket } from './draw-basket.ts'
import type { Floor } from './floor.ts'
import { managerOf } from './manager-of.ts'

const TICKET_DISCOUNTS = [500, 1000]

/** A customer at the counter: basket, price, payment. In training mode it is the same, and counts for nothing. */
export function sellAtCounter(floor: Floor, till: Till, kind: 'sale' | 'training', at: number): IssuedTicket {
  const { random, shop } = floor
  const discountBp = random.chance(0.02) ? random.pick(TICKET_DISCOUNTS) : 0
  const priced = priceLines(drawBasket(floor, shop.time.hour(at)), discountBp)
  const customerId = kind === 'sale' && random.chance(0.14) ? random.pickPopular(floor.customers).id : null
  const paid = choosePayments(floor, priced.totalIncl, customerId)
  const startedAt = at - 1000 * random.between(15, 150)
  const approval = discountBp === 1000 ? { approverId: managerOf(floor) } : {}
  const issued = issueTicket(till, draftTicket(floor, priced, paid, { kind, at, startedAt, customerId, ...approval }))
  if (kind === 'sale') activateGiftCards(floor, till, issued)
  return issued
}

function activateGiftCards({ random, shop }: Floor, till: Till, { id, draft }: IssuedTicket): void {
  for (const line of draft.priced.lines.filter((one) => one.nature === 'gift_multi')) {
    for (let left = line.quantityMilli; left > 0; left -= 1000) {
      shop.inserts.into('gift_cards', {
        code: `KDO-${random.uid().slice(0, 8).toUpperCase()}-${random.between(1000, 9999)}`,
        amount: line.unitPriceIncl,
        balance: line.unitPriceIncl,
        sold_ticket_id: id,
        sold_at: shop.time.stamp(draft.issuedAt),
        is_test: till.register.is_test,
      })
    }
  }
}
