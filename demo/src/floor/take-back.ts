import { issueTicket } from '../till/issue-ticket.ts'
import { negateTicket } from '../till/negate-ticket.ts'
import type { PricedLine } from '../till/priced-ticket.ts'
import type { IssuedTicket, Payment } from '../till/ticket-draft.ts'
import type { Till } from '../till/till.ts'
import { pay } from './choose-payments.ts'
import { draftTicket } from './draft-ticket.ts'
import type { Floor } from './floor.ts'
import { managerOf } from './manager-of.ts'

const RETURNED: ReadonlySet<string> = new Set(['goods', 'own_product'])

/** Takes back some lines of an earlier sale, of any register; nothing when no sale is left to take back. */
export function refundSale(floor: Floor, till: Till, at: number): IssuedTicket | undefined {
  const index = floor.recent.findLastIndex((sale) => returnedLines(sale).length > 0 && floor.random.chance(0.1))
  const original = floor.recent[index]
  if (original === undefined) return undefined
  floor.recent.splice(index, 1)
  const priced = negateTicket(returnedLines(original).slice(0, floor.random.between(1, 3)))
  const paid = { payments: payBack(original, priced.totalIncl), rounding: 0 }
  return issueTicket(till, draftTicket(floor, priced, paid, correction(floor, original, 'refund', at)))
}

/** Undoes the last sale of this till's Z period, whole; nothing when it has gift cards or is already corrected. */
export function voidSale(floor: Floor, till: Till, at: number): IssuedTicket | undefined {
  const index = floor.recent.findLastIndex((sale) => isUndoable(sale, till))
  const original = floor.recent[index]
  if (original === undefined) return undefined
  floor.recent.splice(index, 1)
  const priced = negateTicket(original.draft.priced.lines)
  const paid = { payments: original.draft.payments.map(reverse), rounding: 0 - original.draft.rounding }
  return issueTicket(till, draftTicket(floor, priced, paid, correction(floor, original, 'void', at)))
}

function correction(floor: Floor, original: IssuedTicket, kind: 'refund' | 'void', at: number) {
  const { customerId } = original.draft
  return { kind, at, customerId, refTicketId: original.id, approverId: managerOf(floor) } as const
}

function returnedLines({ draft }: IssuedTicket): readonly PricedLine[] {
  return draft.priced.lines.filter((line) => RETURNED.has(line.nature) && line.totalIncl > 0)
}

function isUndoable({ registerId, zPeriod, draft }: IssuedTicket, till: Till): boolean {
  const isHere = registerId === till.register.id && zPeriod === till.zPeriod
  return isHere && draft.priced.lines.every((line) => line.nature !== 'gift_multi')
}

/** Back the way it was paid, where the whole went one way; else by card. */
function payBack({ draft }: IssuedTicket, amount: number): readonly Payment[] {
  const [first] = draft.payments
  const isOneWay = draft.payments.length === 1 && first !== undefined
  return [isOneWay && first.method !== 'cheque' ? pay(first.method, amount, first.ref) : pay('card', amount, null)]
}

function reverse(payment: Payment): Payment {
  return { ...payment, amount: 0 - payment.amount, tendered: null, changeGiven: null }
}
