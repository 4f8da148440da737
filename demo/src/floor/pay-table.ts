import { issueTicket } from '../till/issue-ticket.ts'
import { priceLines } from '../till/price-lines.ts'
import type { DraftLine } from '../till/priced-ticket.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'
import type { Till } from '../till/till.ts'
import { choosePayments } from './choose-payments.ts'
import { draftTicket } from './draft-ticket.ts'
import type { Floor, OpenTable } from './floor.ts'

const SITTING_MS = 55 * 60_000
const TABLES_WAITING = 10

/** The table of this till that has been sitting longest, when it is time that it pays. */
export function dueTable({ tables }: Floor, till: Till, at: number): OpenTable | undefined {
  const table = tables.find((one) => one.registerId === till.register.id)
  if (table === undefined) return undefined
  return at - table.openedAt > SITTING_MS || tables.length > TABLES_WAITING ? table : undefined
}

/** A table pays: its cart becomes a ticket, one time in three with a tip. */
export function payTable(floor: Floor, till: Till, table: OpenTable, at: number): IssuedTicket {
  const { random, shop, tables } = floor
  const lines = random.chance(0.35) ? [...table.cart, tipLine(random.between(1, 10) * 50)] : table.cart
  const priced = priceLines(lines)
  const paid = choosePayments(floor, priced.totalIncl, table.customerId)
  const { customerId, openedAt, id: orderId, label } = table
  const particulars = { kind: 'sale', at, startedAt: openedAt, customerId, orderId, note: label } as const
  const issued = issueTicket(till, draftTicket(floor, priced, paid, particulars))
  const close = `UPDATE orders SET status = 'paid', cart = '[]', closed_at = ?, updated_at = ?, ticket_id = ? WHERE id = ?`
  shop.db.prepare(close).run(shop.time.stamp(at), shop.time.stamp(at), issued.id, orderId)
  tables.splice(tables.indexOf(table), 1)
  return issued
}

/** A table asks what it will come to: a proforma, which counts for nothing. */
export function showBill(floor: Floor, till: Till, at: number): IssuedTicket | undefined {
  const table = floor.tables.find((one) => one.registerId === till.register.id)
  if (table === undefined) return undefined
  const { customerId, openedAt, id: orderId, label } = table
  const particulars = { kind: 'proforma', at, startedAt: openedAt, customerId, orderId, note: label } as const
  return issueTicket(till, draftTicket(floor, priceLines(table.cart), { payments: [], rounding: 0 }, particulars))
}

function tipLine(amount: number): DraftLine {
  return {
    productId: null,
    label: 'Pourboire',
    nature: 'tip',
    quantityMilli: 1000,
    unitPriceIncl: amount,
    rateBp: 0,
    discount: 0,
    discountReason: null,
  }
}
