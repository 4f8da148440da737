import type { PricedTicket } from '../till/priced-ticket.ts'
import type { TicketDraft, TicketKind } from '../till/ticket-draft.ts'
import type { Settlement } from './choose-payments.ts'
import type { Floor } from './floor.ts'

interface Particulars {
  readonly kind: TicketKind
  readonly at: number
  readonly startedAt?: number
  readonly customerId?: number | null
  readonly orderId?: number
  readonly refTicketId?: number
  readonly approverId?: number
  readonly note?: string
}

/** A draft with the shop's random ids; what is not said is null. */
export function draftTicket(floor: Floor, priced: PricedTicket, paid: Settlement, what: Particulars): TicketDraft {
  const { random } = floor
  return {
    uid: random.uid(),
    lineUids: priced.lines.map(() => random.uid()),
    kind: what.kind,
    startedAt: what.startedAt ?? what.at,
    issuedAt: what.at,
    priced,
    payments: paid.payments,
    rounding: paid.rounding,
    customerId: what.customerId ?? null,
    orderId: what.orderId ?? null,
    refTicketId: what.refTicketId ?? null,
    approverId: what.approverId ?? null,
    note: what.note ?? null,
  }
}
