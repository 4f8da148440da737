import type { Statement } from 'better-sqlite3-multiple-ciphers'
import type { PosDatabase } from '../database/pos-database.ts'
import type { PricedLine } from './priced-ticket.ts'
import type { IssuedTicket, Payment } from './ticket-draft.ts'
import type { Till } from './till.ts'

interface Updates {
  readonly takeStock: Statement
  readonly giftCard: Statement
  readonly account: Statement
  readonly points: Statement
  readonly correct: Statement
}

const UPDATES = new WeakMap<PosDatabase, Updates>()

/** What a ticket changes elsewhere: stock, gift cards, accounts, loyalty points, the mark on a corrected ticket. */
export function applyTicket(till: Till, ticket: IssuedTicket): void {
  const { kind, refTicketId } = ticket.draft
  if (kind === 'training' || kind === 'proforma') return
  const updates = updatesFor(till.shop.db)
  for (const line of ticket.draft.priced.lines) moveStock(till, updates, ticket, line)
  for (const payment of ticket.draft.payments) applyPayment(updates, ticket, payment)
  giveIssuedPoints(updates, ticket)
  if (refTicketId !== null) updates.correct.run(ticket.id, refTicketId)
}

function moveStock(till: Till, { takeStock }: Updates, { id, draft }: IssuedTicket, line: PricedLine): void {
  if (line.productId === null || line.nature !== 'goods') return
  const taken = takeStock.run(line.quantityMilli, line.productId)
  if (taken.changes === 0) return
  till.shop.inserts.into('stock_movements', {
    product_id: line.productId,
    kind: line.quantityMilli < 0 ? 'return' : 'sale',
    quantity_milli: 0 - line.quantityMilli,
    at: till.shop.time.stamp(draft.issuedAt),
    ticket_id: id,
    employee_id: till.operatorId,
    note: null,
    is_test: till.register.is_test,
  })
}

function applyPayment({ giftCard, account }: Updates, { draft }: IssuedTicket, { method, amount, ref }: Payment): void {
  if (method === 'gift_card') giftCard.run(amount, ref)
  if (method === 'account') account.run(amount, draft.customerId)
}

function giveIssuedPoints({ points }: Updates, { draft }: IssuedTicket): void {
  if (draft.customerId !== null) points.run(Math.trunc(draft.priced.totalIncl / 100), draft.customerId)
}

function updatesFor(db: PosDatabase): Updates {
  const known = UPDATES.get(db)
  if (known !== undefined) return known
  const updates = {
    takeStock: db.prepare('UPDATE products SET stock_milli = stock_milli - ? WHERE id = ? AND is_stocked = 1'),
    giftCard: db.prepare('UPDATE gift_cards SET balance = balance - ? WHERE code = ?'),
    account: db.prepare('UPDATE customers SET balance = balance + ? WHERE id = ?'),
    points: db.prepare('UPDATE customers SET loyalty_points = loyalty_points + ? WHERE id = ?'),
    correct: db.prepare('UPDATE tickets SET corrected_by_id = ? WHERE id = ?'),
  }
  UPDATES.set(db, updates)
  return updates
}
