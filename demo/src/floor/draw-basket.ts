import { CATEGORY_SEEDS } from '../catalog/category-seeds.ts'
import type { DraftLine } from '../till/priced-ticket.ts'
import type { Floor, Product } from './floor.ts'

const CODES = CATEGORY_SEEDS.map((category) => category.code)
const WEIGHTS = [0, 1, 2, 3].map((part) => CATEGORY_SEEDS.map((category) => category.rush[part] ?? 0))
const SIZES = [1, 2, 3, 4, 5, 6, 8]
const SIZE_WEIGHTS = [34, 27, 17, 10, 6, 4, 2]
const DISCOUNTS = [
  { part: 10, reason: 'Fidélité' },
  { part: 5, reason: 'Fin de journée -20 %' },
  { part: 2, reason: 'Invendu à moitié prix' },
]

/** What one customer takes at that hour. */
export function drawBasket({ random, shelves }: Floor, hour: number): DraftLine[] {
  const weights = WEIGHTS[partOfDay(hour)] ?? []
  const size = random.weighted(SIZES, SIZE_WEIGHTS)
  const picked = new Map<number, DraftLine>()
  for (let no = 0; no < size; no += 1) {
    const product = random.pickPopular(shelves.get(random.weighted(CODES, weights)) ?? [])
    if (!picked.has(product.id)) picked.set(product.id, drawLine(random, product))
  }
  return [...picked.values()]
}

function partOfDay(hour: number): number {
  if (hour < 11) return 0
  if (hour < 14) return 1
  return hour < 18 ? 2 : 3
}

function drawLine(random: Floor['random'], product: Product): DraftLine {
  const quantityMilli = product.unit === 'kg' ? random.between(80, 750) : 1000 * drawCount(random)
  const discount = product.nature === 'gift_multi' || !random.chance(0.02) ? undefined : random.pick(DISCOUNTS)
  return {
    productId: product.id,
    label: product.name,
    nature: product.nature,
    quantityMilli,
    unitPriceIncl: product.price,
    rateBp: product.rateBp,
    discount: discount === undefined ? 0 : Math.trunc((quantityMilli * product.price) / 1000 / discount.part),
    discountReason: discount?.reason ?? null,
  }
}

function drawCount(random: Floor['random']): number {
  return random.chance(0.72) ? 1 : random.between(2, 6)
}
