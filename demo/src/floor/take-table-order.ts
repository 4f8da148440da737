import { priceLines } from '../till/price-lines.ts'
import type { DraftLine } from '../till/priced-ticket.ts'
import type { Till } from '../till/till.ts'
import { drawBasket } from './draw-basket.ts'
import type { Floor, OpenTable } from './floor.ts'

const ROOMS = ['Salle', 'Terrasse', 'Véranda']
const TABLES_AT_MOST = 14

/** Seats somebody, or takes another order from a table that is already sitting. The cart goes to the database. */
export function takeTableOrder(floor: Floor, till: Till, at: number): void {
  const { random, shop, tables } = floor
  const cart = drawBasket(floor, shop.time.hour(at)).filter((line) => line.nature !== 'gift_multi')
  const sitting = tables.filter((one) => one.registerId === till.register.id)
  if (sitting.length > 0 && random.chance(0.25)) addToTable(floor, random.pick(sitting), cart, at)
  else if (tables.length < TABLES_AT_MOST && cart.length > 0) seatGuests(floor, till, cart, at)
}

function seatGuests(
  { random, shop, tables, customers }: Floor,
  till: Till,
  cart: readonly DraftLine[],
  at: number,
): void {
  const label = `${random.pick(ROOMS)} ${random.between(1, 12)}`
  const covers = random.between(1, 6)
  const customerId = random.chance(0.1) ? random.pickPopular(customers).id : null
  const registerId = till.register.id
  const openedAt = shop.time.stamp(at)
  const id = shop.inserts.into('orders', {
    uid: random.uid(),
    register_id: registerId,
    employee_id: till.operatorId,
    customer_id: customerId,
    table_label: label,
    covers,
    status: 'open',
    cart: JSON.stringify(cart),
    total_incl: priceLines(cart).totalIncl,
    opened_at: openedAt,
    updated_at: openedAt,
    closed_at: null,
    ticket_id: null,
    is_test: till.register.is_test,
  })
  tables.push({ id, registerId, label, customerId, openedAt: at, cart })
}

function addToTable({ shop }: Floor, table: OpenTable, more: readonly DraftLine[], at: number): void {
  table.cart = [...table.cart, ...more].slice(0, 20)
  const sql = 'UPDATE orders SET cart = ?, total_incl = ?, updated_at = ? WHERE id = ?'
  shop.db.prepare(sql).run(JSON.stringify(table.cart), priceLines(table.cart).totalIncl, shop.time.stamp(at), table.id)
}
