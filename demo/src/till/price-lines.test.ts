import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addUp } from './add-up.ts'
import { negateTicket } from './negate-ticket.ts'
import { priceLines } from './price-lines.ts'
import type { DraftLine } from './priced-ticket.ts'

const line: fc.Arbitrary<DraftLine> = fc.record({
  productId: fc.constant(1),
  label: fc.constant('Pain'),
  nature: fc.constantFrom('goods', 'own_product', 'service', 'gift_multi', 'tip'),
  quantityMilli: fc.integer({ min: 1, max: 20_000 }),
  unitPriceIncl: fc.integer({ min: 1, max: 50_000 }),
  rateBp: fc.constantFrom(0, 210, 550, 1000, 2000),
  discount: fc.constant(0),
  discountReason: fc.constant(null),
})
const lines = fc.array(line, { maxLength: 12 })

test('lines, taxes and total tie, whatever is sold and taken off', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 0, max: 10_000 }), (drafts, discountBp) => {
      const priced = priceLines(drafts, discountBp)
      expect(sum(priced.lines.map((one) => one.totalIncl))).toBe(priced.totalIncl)
      expect(sum(priced.lines.map((one) => one.totalExcl))).toBe(priced.totalExcl)
      expect(sum(priced.taxes.map((one) => one.baseExcl + one.amount))).toBe(priced.totalIncl)
    }),
  )
})

test('VAT is right to half a cent for each rate', () => {
  fc.assert(
    fc.property(lines, (drafts) => {
      for (const { rateBp, totalIncl, amount } of priceLines(drafts).taxes) {
        expect(Math.abs(amount - (totalIncl * rateBp) / (10_000 + rateBp))).toBeLessThanOrEqual(0.5)
      }
    }),
  )
})

test('a ticket and its void come to nothing', () => {
  fc.assert(
    fc.property(lines, (drafts) => {
      const priced = priceLines(drafts, 500)
      const both = addUp([...priced.lines, ...negateTicket(priced.lines).lines])
      expect([both.totalIncl, both.totalExcl, both.discount]).toEqual([0, 0, 0])
    }),
  )
})

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
