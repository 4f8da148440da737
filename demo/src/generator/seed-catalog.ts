import { CATEGORY_SEEDS, type CategorySeed } from '../catalog/category-seeds.ts'
import type { Random } from '../chance/random.ts'
import type { Shop } from '../till/shop.ts'

/** Categories, products with their first inventory, and the buttons of the register screens. */
export function seedCatalog(shop: Shop, random: Random, at: number): void {
  CATEGORY_SEEDS.forEach((category, index) => {
    const { code, name, colour } = category
    const id = shop.inserts.into('categories', { code, name, colour, position: index + 1, image_path: null })
    for (const product of category.products) seedProduct(shop, random, category, id, product, at)
  })
  seedLayouts(shop, at)
}

function seedProduct(
  shop: Shop,
  random: Random,
  category: CategorySeed,
  categoryId: number,
  [name, price]: readonly [string, number],
  at: number,
): void {
  const createdAt = shop.time.stamp(at)
  const stockMilli = category.isStocked ? random.between(40, 200) * 1000 : 0
  const productId = shop.inserts.into('products', {
    uid: random.uid(),
    category_id: categoryId,
    barcode: category.nature === 'goods' ? `54${random.between(10_000_000_000, 99_999_999_999)}` : null,
    name,
    description: random.chance(0.3) ? `${name} — fait maison, « comme avant ».` : null,
    price,
    vat_rate_bp: category.rateBp,
    nature: category.nature,
    unit: category.unit,
    is_stocked: category.isStocked ? 1 : 0,
    stock_milli: stockMilli,
    image_path: null,
    active: 1,
    created_at: createdAt,
    updated_at: createdAt,
  })
  if (category.isStocked) seedInventory(shop, productId, stockMilli, createdAt)
}

function seedInventory(shop: Shop, productId: number, quantityMilli: number, at: string): void {
  shop.inserts.into('stock_movements', {
    product_id: productId,
    kind: 'inventory',
    quantity_milli: quantityMilli,
    at,
    ticket_id: null,
    employee_id: 1,
    note: 'Inventaire d’ouverture',
    is_test: 0,
  })
}

function seedLayouts(shop: Shop, at: number): void {
  const products = shop.db.prepare('SELECT id, category_id, name FROM products ORDER BY id').all() as Button[]
  const pages = Map.groupBy(products, (product) => product.category_id)
  const layouts = [
    { name: 'Comptoir', register: null },
    { name: 'Salon de thé', register: 2 },
  ]
  for (const { name, register } of layouts) {
    for (const [page, buttons] of pages) {
      const grid = buttons.map((one, cell) => ({ cell, productId: one.id, label: one.name.slice(0, 18) }))
      shop.inserts.into('register_layouts', {
        register_id: register,
        name: `${name} – page ${page}`,
        position: page,
        buttons: JSON.stringify(grid),
        updated_at: shop.time.stamp(at),
      })
    }
  }
}

interface Button {
  readonly id: number
  readonly category_id: number
  readonly name: string
}
