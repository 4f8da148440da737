export interface EmployeeSeed {
  readonly name: string
  readonly role: string
  readonly active: boolean
}

/** Who works in the shop; the installer's account is left inactive after the hand-over. */
export const EMPLOYEE_SEEDS: readonly EmployeeSeed[] = [
  { name: 'Éléonore D’Haese', role: 'admin', active: true },
  { name: 'Benoît Lefèvre', role: 'manager', active: true },
  { name: 'Chloé Vandenberghe', role: 'cashier', active: true },
  { name: 'Yanis Benali', role: 'cashier', active: true },
  { name: 'Zoé Müller', role: 'cashier', active: true },
  { name: 'Noël "Nono" O’Brien', role: 'server', active: true },
  { name: 'Inès Garçia', role: 'server', active: true },
  { name: 'Jean-François Lê', role: 'kitchen', active: true },
  { name: 'Installateur', role: 'admin', active: false },
]
