import { reprintTicket } from '../till/reprint-ticket.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'
import type { Till } from '../till/till.ts'
import { writeAudit } from '../till/write-audit.ts'
import type { Floor } from './floor.ts'
import { dueTable, payTable, showBill } from './pay-table.ts'
import { sellAtCounter } from './sell-at-counter.ts'
import { settleAccount } from './settle-account.ts'
import { refundSale, voidSale } from './take-back.ts'
import { takeTableOrder } from './take-table-order.ts'

const REMEMBERED = 200

/** Serves whoever is next at a till: exactly one ticket, and what happens around it. */
export function serveCustomer(floor: Floor, till: Till, at: number): IssuedTicket {
  const issued = serve(floor, till, at)
  if (issued.draft.kind === 'sale' && issued.draft.priced.lines.length > 0) remember(floor, issued)
  if (floor.random.chance(0.01)) reprintTicket(till, issued.id, at)
  if (floor.random.chance(0.004)) openDrawer(floor, till, at)
  return issued
}

function serve(floor: Floor, till: Till, at: number): IssuedTicket {
  const { random } = floor
  if (random.chance(0.1)) takeTableOrder(floor, till, at)
  const table = dueTable(floor, till, at)
  if (table !== undefined) return payTable(floor, till, table, at)
  const roll = random.fraction()
  return (
    (roll < 0.004 ? refundSale(floor, till, at) : undefined) ??
    (roll >= 0.004 && roll < 0.009 ? voidSale(floor, till, at) : undefined) ??
    (roll >= 0.009 && roll < 0.011 ? showBill(floor, till, at) : undefined) ??
    (roll >= 0.011 && roll < 0.0115 ? settleAccount(floor, till, at) : undefined) ??
    sellAtCounter(floor, till, roll >= 0.012 && roll < 0.015 ? 'training' : 'sale', at)
  )
}

function remember(floor: Floor, issued: IssuedTicket): void {
  floor.recent.push(issued)
  if (floor.recent.length > REMEMBERED) floor.recent.shift()
}

function openDrawer(floor: Floor, till: Till, at: number): void {
  const reason = floor.random.pick(['appoint de monnaie', 'contrôle', 'erreur de rendu'])
  writeAudit(till, { at, action: 'DRAWER_OPEN', description: `Ouverture du tiroir sans vente : ${reason}` })
}
