import type { Row } from '../database/inserts.ts'
import { applyTicket } from './apply-ticket.ts'
import { formatEuros } from './format-euros.ts'
import type { IssuedTicket, TicketDraft } from './ticket-draft.ts'
import type { Till } from './till.ts'
import { writeAudit } from './write-audit.ts'

const JOURNAL_CODES: Readonly<Record<string, number>> = { refund: 190, void: 190 }

/** Issues a ticket on a till: numbered, chained, with its lines, taxes, payments, stock, balances and audit entry. */
export function issueTicket(till: Till, draft: TicketDraft): IssuedTicket {
  const seq = till.tickets.nextSeq
  const number = till.takeNumber()
  const zPeriod = till.zPeriod
  const parts = partsOf(draft)
  const id = till.tickets.add(ticketRow(till, draft, seq, number), parts)
  for (const line of parts.lines) till.shop.inserts.into('ticket_lines', { ...line, ticket_id: id })
  for (const tax of parts.taxes) till.shop.inserts.into('ticket_taxes', { ...tax, ticket_id: id })
  for (const payment of parts.payments) till.shop.inserts.into('ticket_payments', { ...payment, ticket_id: id })
  const issued = { id, registerId: till.register.id, seq, zPeriod, number, hash: till.tickets.hash, draft }
  applyTicket(till, issued)
  auditTicket(till, issued)
  return issued
}

function ticketRow(till: Till, draft: TicketDraft, seq: number, number: number): Row {
  const { session, register } = till
  if (session === undefined) throw new Error(`register ${register.id} has no open session`)
  const { priced } = draft
  return {
    uid: draft.uid,
    register_id: register.id,
    session_id: session.id,
    seq,
    z_period: till.zPeriod,
    number,
    kind: draft.kind,
    business_date: session.business_date,
    started_at: till.shop.time.stamp(draft.startedAt),
    issued_at: till.shop.time.stamp(draft.issuedAt),
    operator_id: till.operatorId,
    customer_id: draft.customerId,
    order_id: draft.orderId,
    ref_ticket_id: draft.refTicketId,
    total_incl: priced.totalIncl,
    total_excl: priced.totalExcl,
    total_tax: priced.totalIncl - priced.totalExcl,
    discount: priced.discount,
    tip: priced.tip,
    rounding: draft.rounding,
    note: draft.note,
    software_version: register.software_version,
    is_test: register.is_test,
    corrected_by_id: null,
    reprint_count: 0,
  }
}

interface TicketParts extends Readonly<Record<string, readonly Row[]>> {
  readonly lines: readonly Row[]
  readonly taxes: readonly Row[]
  readonly payments: readonly Row[]
}

function partsOf({ priced, payments, lineUids }: TicketDraft): TicketParts {
  return {
    lines: priced.lines.map((line, index) => ({
      uid: lineUids[index] ?? '',
      no: index + 1,
      product_id: line.productId,
      label: line.label,
      nature: line.nature,
      quantity_milli: line.quantityMilli,
      unit_price_incl: line.unitPriceIncl,
      discount: line.discount,
      discount_reason: line.discountReason,
      ticket_discount: line.ticketDiscount,
      tax_rate_bp: line.rateBp,
      total_incl: line.totalIncl,
      total_excl: line.totalExcl,
    })),
    taxes: priced.taxes.map(({ nature, rateBp, baseExcl, amount, totalIncl }, index) => ({
      no: index + 1,
      nature,
      rate_bp: rateBp,
      base_excl: baseExcl,
      amount,
      total_incl: totalIncl,
    })),
    payments: payments.map(({ method, amount, tendered, changeGiven, ref }, index) => ({
      no: index + 1,
      method,
      amount,
      currency: 'EUR',
      tendered,
      change_given: changeGiven,
      ref,
    })),
  }
}

function auditTicket(till: Till, { id, zPeriod, number, draft }: IssuedTicket): void {
  const { kind, priced, issuedAt, approverId } = draft
  const code = JOURNAL_CODES[kind]
  writeAudit(till, {
    at: issuedAt,
    action: kind.toUpperCase(),
    description: `Ticket ${zPeriod}-${number} : ${formatEuros(priced.totalIncl)}`,
    entity: 'ticket',
    entityId: id,
    approverId,
    newValue: String(priced.totalIncl),
    ...(code === undefined ? {} : { code }),
  })
}
