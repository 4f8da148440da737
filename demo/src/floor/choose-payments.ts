import { divideRounded } from '../till/divide-rounded.ts'
import type { Payment, PaymentMethod } from '../till/ticket-draft.ts'
import type { Floor } from './floor.ts'

export interface Settlement {
  readonly payments: readonly Payment[]
  /** Cash is paid in steps of five cents. */
  readonly rounding: number
}

const NOTES = [500, 1000, 2000, 5000, 10_000]
const MEAL_VOUCHER_LIMIT = 2500

/** How a customer pays: mostly by card or cash, sometimes by several means. */
export function choosePayments(floor: Floor, total: number, customerId: number | null): Settlement {
  if (total <= 0) return { payments: [], rounding: 0 }
  const { random } = floor
  if (mayPayLater(floor, customerId) && random.chance(0.4))
    return { payments: [pay('account', total, null)], rounding: 0 }
  const roll = random.fraction()
  if (roll < 0.62) return { payments: [pay('card', total, cardRef(floor))], rounding: 0 }
  if (roll < 0.88) return withRest(floor, [], total, 1)
  if (roll < 0.955 && total >= 600) return byVoucher(floor, total)
  if (roll < 0.965 && total >= 1500)
    return { payments: [pay('cheque', total, `CHQ${random.between(1_000_000, 9_999_999)}`)], rounding: 0 }
  if (roll < 0.98) return byGiftCard(floor, total)
  return inHalves(floor, total)
}

export function pay(method: PaymentMethod, amount: number, ref: string | null): Payment {
  return { method, amount, tendered: null, changeGiven: null, ref }
}

function byVoucher(floor: Floor, total: number): Settlement {
  const amount = Math.min(total, MEAL_VOUCHER_LIMIT)
  const ref = `TR${floor.random.between(10_000_000, 99_999_999)}`
  return withRest(floor, [pay('meal_voucher', amount, ref)], total - amount, 0.3)
}

function byGiftCard(floor: Floor, total: number): Settlement {
  const sql = 'SELECT code, balance FROM gift_cards WHERE id > ? AND balance > 0 ORDER BY id LIMIT 1'
  const last = Number(floor.shop.db.prepare('SELECT max(id) FROM gift_cards').pluck().get() ?? 0)
  const from = Math.max(0, last - 1 - floor.random.below(150))
  const card = floor.shop.db.prepare(sql).get(from) as { code: string; balance: number } | undefined
  if (card === undefined) return withRest(floor, [], total, 0)
  const amount = Math.min(total, card.balance)
  return withRest(floor, [pay('gift_card', amount, card.code)], total - amount, 0.3)
}

function inHalves(floor: Floor, total: number): Settlement {
  const half = divideRounded(total, 2)
  return withRest(floor, [pay('card', half, cardRef(floor))], total - half, 0.2)
}

function withRest(floor: Floor, paid: readonly Payment[], rest: number, cashChance: number): Settlement {
  if (rest <= 0) return { payments: paid, rounding: 0 }
  if (!floor.random.chance(cashChance)) return { payments: [...paid, pay('card', rest, cardRef(floor))], rounding: 0 }
  const amount = divideRounded(rest, 5) * 5
  const payments = amount === 0 ? paid : [...paid, payCash(floor, amount)]
  return { payments, rounding: amount - rest }
}

function payCash({ random }: Floor, amount: number): Payment {
  const note = random.chance(0.3) ? undefined : NOTES.find((value) => value >= amount)
  const tendered = note ?? amount
  return { method: 'cash', amount, tendered, changeGiven: tendered - amount, ref: null }
}

function cardRef({ random }: Floor): string {
  return `AUT${random.between(100_000, 999_999)}`
}

function mayPayLater(floor: Floor, customerId: number | null): boolean {
  if (customerId === null) return false
  const sql = 'SELECT 1 FROM customers WHERE id = ? AND balance < credit_limit'
  return floor.shop.db.prepare(sql).get(customerId) !== undefined
}
