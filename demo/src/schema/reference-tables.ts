export type SectionName = 'settings' | 'employees' | 'catalog' | 'customers' | 'stock' | 'register-layouts' | 'sales'

export interface ReferenceTable {
  readonly name: string
  readonly section: SectionName
  readonly meaning: string
}

/** Every table of the reference POS, with its section and what it holds. */
export const REFERENCE_TABLES: readonly ReferenceTable[] = [
  { name: 'settings', section: 'settings', meaning: 'Company, currency, printing, versions: one value per key' },
  {
    name: 'registers',
    section: 'settings',
    meaning: 'The tills: primary, secondary, and the installer’s test register',
  },
  { name: 'roles', section: 'employees', meaning: 'Admin, manager, cashier, server, kitchen' },
  { name: 'permissions', section: 'employees', meaning: 'What a role may do' },
  { name: 'role_permissions', section: 'employees', meaning: 'Which role has which permission' },
  { name: 'employees', section: 'employees', meaning: 'The people, their role and the hash of their PIN' },
  { name: 'categories', section: 'catalog', meaning: 'Groups of products' },
  { name: 'products', section: 'catalog', meaning: 'Articles with price in cents, VAT rate in basis points, image' },
  { name: 'customers', section: 'customers', meaning: 'Customers, loyalty points, account balance' },
  { name: 'stock_movements', section: 'stock', meaning: 'Inventories, deliveries, sales, returns, losses' },
  { name: 'register_layouts', section: 'register-layouts', meaning: 'The buttons of the register screens' },
  { name: 'pos_sessions', section: 'sales', meaning: 'From opening to Z, with float and counted cash' },
  { name: 'orders', section: 'sales', meaning: 'Tables: open ones with their cart, paid ones with their ticket' },
  { name: 'gift_cards', section: 'sales', meaning: 'Gift cards sold and what is left on them' },
  { name: 'tickets', section: 'sales', meaning: 'Sales, refunds, voids, training, proforma, cash movements (chained)' },
  { name: 'ticket_lines', section: 'sales', meaning: 'What was sold, with quantity, price, discounts, VAT rate' },
  {
    name: 'ticket_taxes',
    section: 'sales',
    meaning: 'VAT of a ticket by nature and rate: the truth, never recomputed',
  },
  { name: 'ticket_payments', section: 'sales', meaning: 'How a ticket was paid; one or several' },
  { name: 'closures', section: 'sales', meaning: 'Day (Z), month and year closures with perpetual totals (chained)' },
  { name: 'closure_taxes', section: 'sales', meaning: 'A closure’s totals by nature and rate' },
  { name: 'closure_payments', section: 'sales', meaning: 'A closure’s totals by payment method' },
  {
    name: 'audit_entries',
    section: 'sales',
    meaning: 'Who did what, when, on which device, with whose approval (chained)',
  },
  { name: 'reprints', section: 'sales', meaning: 'Duplicates of tickets (chained)' },
]
