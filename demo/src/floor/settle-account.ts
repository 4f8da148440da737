import { addUp } from '../till/add-up.ts'
import { issueTicket } from '../till/issue-ticket.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'
import type { Till } from '../till/till.ts'
import { pay } from './choose-payments.ts'
import { draftTicket } from './draft-ticket.ts'
import type { Floor } from './floor.ts'

const DEBTOR_SQL = 'SELECT id, balance FROM customers WHERE balance > 0 ORDER BY balance DESC, id LIMIT 1'

/** A customer on account pays what is owed: a ticket without lines, whose payments come to nothing. */
export function settleAccount(floor: Floor, till: Till, at: number): IssuedTicket | undefined {
  const debtor = floor.shop.db.prepare(DEBTOR_SQL).get() as { id: number; balance: number } | undefined
  if (debtor === undefined) return undefined
  const payments = [pay('card', debtor.balance, null), pay('account', 0 - debtor.balance, null)]
  const particulars = { kind: 'sale', at, customerId: debtor.id, note: 'Règlement de compte client' } as const
  return issueTicket(till, draftTicket(floor, addUp([]), { payments, rounding: 0 }, particulars))
}
