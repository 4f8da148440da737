export interface RoleSeed {
  readonly code: string
  readonly name: string
  readonly permissions: readonly string[]
}

/** What may be permitted, by code. */
export const PERMISSION_NAMES: Readonly<Record<string, string>> = {
  'sale.make': 'Encaisser',
  'sale.discount': 'Accorder une remise',
  'sale.refund': 'Rembourser',
  'sale.void': 'Annuler un ticket',
  'sale.training': 'Mode école',
  'drawer.open': 'Ouvrir le tiroir',
  'table.serve': 'Servir à table',
  'kitchen.view': 'Voir les bons de cuisine',
  'closure.day': 'Clôturer la journée',
  'catalog.edit': 'Modifier le catalogue',
  'stock.edit': 'Modifier le stock',
  'customer.edit': 'Modifier les clients',
  'employee.edit': 'Modifier les employés',
  'export.data': 'Exporter les données',
  'settings.edit': 'Modifier les réglages',
  restore: 'Restaurer une sauvegarde',
}

const CASHIER = ['sale.make', 'drawer.open', 'closure.day', 'customer.edit', 'sale.training']
const MANAGER = [
  ...CASHIER,
  ...['sale.discount', 'sale.refund', 'sale.void', 'table.serve', 'catalog.edit', 'stock.edit', 'export.data'],
]

/** The five roles of the till. */
export const ROLE_SEEDS: readonly RoleSeed[] = [
  { code: 'admin', name: 'Administrateur', permissions: Object.keys(PERMISSION_NAMES) },
  { code: 'manager', name: 'Responsable', permissions: MANAGER },
  { code: 'cashier', name: 'Caissier', permissions: CASHIER },
  { code: 'server', name: 'Serveur', permissions: ['sale.make', 'table.serve'] },
  { code: 'kitchen', name: 'Cuisine', permissions: ['kitchen.view'] },
]
