import type { Random } from '../chance/random.ts'
import type { DraftLine } from '../till/priced-ticket.ts'
import type { Shop } from '../till/shop.ts'
import type { Customer, Employee, Floor, OpenTable, Product } from './floor.ts'

const PRODUCTS_SQL = `SELECT p.id, p.name, c.code AS category, p.nature, p.unit, p.vat_rate_bp AS rateBp,
  p.is_stocked AS isStocked, p.price FROM products p JOIN categories c ON c.id = p.category_id WHERE p.active = 1 ORDER BY p.id`
const STAFF_SQL = `SELECT e.id, e.name, r.code AS role FROM employees e JOIN roles r ON r.id = e.role_id
  WHERE e.active = 1 ORDER BY e.id`
const TABLES_SQL = `SELECT id, register_id, table_label, customer_id, opened_at, cart FROM orders
  WHERE status = 'open' ORDER BY opened_at, id`

/** The floor as the database has it: to begin selling, or to go on. */
export function readFloor(shop: Shop, random: Random): Floor {
  const products = shop.db.prepare(PRODUCTS_SQL).all() as Product[]
  return {
    shop,
    random,
    products,
    shelves: Map.groupBy(products, (product) => product.category),
    customers: shop.db.prepare('SELECT id, credit_limit AS creditLimit FROM customers ORDER BY id').all() as Customer[],
    staff: shop.db.prepare(STAFF_SQL).all() as Employee[],
    tables: (shop.db.prepare(TABLES_SQL).all() as TableRow[]).map(openTable),
    recent: [],
  }
}

interface TableRow {
  readonly id: number
  readonly register_id: number
  readonly table_label: string
  readonly customer_id: number | null
  readonly opened_at: string
  readonly cart: string
}

function openTable(row: TableRow): OpenTable {
  return {
    id: row.id,
    registerId: row.register_id,
    label: row.table_label,
    customerId: row.customer_id,
    openedAt: Date.parse(row.opened_at),
    cart: JSON.parse(row.cart) as DraftLine[],
  }
}
