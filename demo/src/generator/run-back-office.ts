import type { Random } from '../chance/random.ts'
import type { Floor, Product } from '../floor/floor.ts'
import { managerOf } from '../floor/manager-of.ts'
import { drawCustomer } from '../people/draw-customer.ts'
import type { Till } from '../till/till.ts'
import { writeAudit } from '../till/write-audit.ts'

/** What happens behind the counter before opening: new customers, deliveries, losses, now and then new prices. */
export function runBackOffice(floor: Floor, till: Till, random: Random, at: number): void {
  if (random.chance(0.5)) welcomeCustomer(floor, random, at)
  if (random.chance(0.7)) receiveDelivery(floor, random, at)
  if (random.chance(0.2)) writeOffLoss(floor, random, at)
  if (random.chance(0.02)) changePrices(floor, till, random, at)
}

function welcomeCustomer({ shop, customers }: Floor, random: Random, at: number): void {
  const row = drawCustomer(random, customers.length + 1, shop.time.stamp(at))
  const id = shop.inserts.into('customers', row)
  customers.push({ id, creditLimit: Number(row['credit_limit']) })
}

const SHORT_SQL = 'SELECT id FROM products WHERE is_stocked = 1 AND stock_milli < 60000'

/** What runs short comes with the next delivery. */
function receiveDelivery(floor: Floor, random: Random, at: number): void {
  const short = new Set(floor.shop.db.prepare(SHORT_SQL).pluck().all())
  const note = `BL ${random.between(10_000, 99_999)}`
  for (const product of floor.products.filter((one) => short.has(one.id))) {
    moveStock(floor, product, 'delivery', random.between(120, 400) * 1000, note, at)
  }
}

function writeOffLoss(floor: Floor, random: Random, at: number): void {
  const product = random.pick(floor.products.filter((one) => one.isStocked))
  moveStock(floor, product, 'loss', random.between(1, 4) * -1000, 'Casse ou péremption', at)
}

function moveStock(
  floor: Floor,
  product: Product,
  kind: string,
  quantityMilli: number,
  note: string,
  at: number,
): void {
  const { db, inserts, time } = floor.shop
  db.prepare('UPDATE products SET stock_milli = stock_milli + ? WHERE id = ?').run(quantityMilli, product.id)
  inserts.into('stock_movements', {
    product_id: product.id,
    kind,
    quantity_milli: quantityMilli,
    at: time.stamp(at),
    ticket_id: null,
    employee_id: managerOf(floor),
    note,
    is_test: 0,
  })
}

function changePrices(floor: Floor, till: Till, random: Random, at: number): void {
  for (const product of floor.products.filter((one) => one.nature !== 'gift_multi' && random.chance(0.12))) {
    const price = Math.max(5, Math.round((product.price * random.between(102, 107)) / 500) * 5)
    if (price !== product.price) changePrice(floor, till, product, price, at)
  }
}

function changePrice(floor: Floor, till: Till, product: Product, price: number, at: number): void {
  const update = floor.shop.db.prepare('UPDATE products SET price = ?, updated_at = ? WHERE id = ?')
  update.run(price, floor.shop.time.stamp(at), product.id)
  writeAudit(till, {
    at,
    action: 'PRICE_CHANGE',
    description: `Prix de « ${product.name} »`,
    employeeId: managerOf(floor),
    entity: 'product',
    entityId: product.id,
    oldValue: String(product.price),
    newValue: String(price),
  })
  product.price = price
}
