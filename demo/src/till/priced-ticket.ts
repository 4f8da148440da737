import type { Nature } from '../catalog/category-seeds.ts'

/** What a customer puts on the counter: prices include VAT, money is in cents. */
export interface DraftLine {
  readonly productId: number | null
  readonly label: string
  readonly nature: Nature | 'cash_movement'
  readonly quantityMilli: number
  readonly unitPriceIncl: number
  readonly rateBp: number
  readonly discount: number
  readonly discountReason: string | null
}

export interface PricedLine extends DraftLine {
  /** This line's share of the ticket's discount. */
  readonly ticketDiscount: number
  readonly totalIncl: number
  readonly totalExcl: number
}

export interface TaxTotal {
  readonly nature: PricedLine['nature']
  readonly rateBp: number
  readonly baseExcl: number
  readonly amount: number
  readonly totalIncl: number
}

/** Lines with their prices, and the VAT by nature and rate that they add up to. */
export interface PricedTicket {
  readonly lines: readonly PricedLine[]
  readonly taxes: readonly TaxTotal[]
  readonly totalIncl: number
  readonly totalExcl: number
  readonly discount: number
  readonly tip: number
}
