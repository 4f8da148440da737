import type { Nature } from '../catalog/category-seeds.ts'
import type { Random } from '../chance/random.ts'
import type { DraftLine } from '../till/priced-ticket.ts'
import type { Shop } from '../till/shop.ts'
import type { IssuedTicket } from '../till/ticket-draft.ts'

export interface Product {
  readonly id: number
  readonly name: string
  readonly category: string
  readonly nature: Nature
  readonly unit: 'piece' | 'kg'
  readonly rateBp: number
  readonly isStocked: boolean
  price: number
}

export interface Customer {
  readonly id: number
  readonly creditLimit: number
}

export interface Employee {
  readonly id: number
  readonly name: string
  readonly role: string
}

/** A table that is being served; its cart is in the database too. */
export interface OpenTable {
  readonly id: number
  readonly registerId: number
  readonly label: string
  readonly customerId: number | null
  readonly openedAt: number
  cart: readonly DraftLine[]
}

/** What the people of the shop have in mind while they sell: assortment, customers, open tables, the last tickets. */
export interface Floor {
  readonly shop: Shop
  readonly random: Random
  readonly products: readonly Product[]
  readonly shelves: ReadonlyMap<string, readonly Product[]>
  readonly customers: Customer[]
  readonly staff: readonly Employee[]
  readonly tables: OpenTable[]
  /** Sales that may still be taken back, oldest first. */
  readonly recent: IssuedTicket[]
}
