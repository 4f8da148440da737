import type { PricedTicket } from './priced-ticket.ts'

export type TicketKind = 'sale' | 'refund' | 'void' | 'training' | 'proforma' | 'cash_in' | 'cash_out'
export type PaymentMethod = 'cash' | 'card' | 'cheque' | 'meal_voucher' | 'gift_card' | 'account'

export interface Payment {
  readonly method: PaymentMethod
  /** What stays in the till: change is already off. */
  readonly amount: number
  readonly tendered: number | null
  readonly changeGiven: number | null
  readonly ref: string | null
}

/** A ticket that is ready to be issued. Payments come to the total plus the cash rounding. */
export interface TicketDraft {
  readonly uid: string
  readonly lineUids: readonly string[]
  readonly kind: TicketKind
  readonly startedAt: number
  readonly issuedAt: number
  readonly priced: PricedTicket
  readonly payments: readonly Payment[]
  readonly rounding: number
  readonly customerId: number | null
  readonly orderId: number | null
  readonly refTicketId: number | null
  readonly approverId: number | null
  readonly note: string | null
}

export interface IssuedTicket {
  readonly id: number
  readonly registerId: number
  readonly seq: number
  readonly zPeriod: number
  readonly number: number
  readonly hash: string
  readonly draft: TicketDraft
}
