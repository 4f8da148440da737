import { createHash } from 'node:crypto'
import type { Random } from '../chance/random.ts'
import { EMPLOYEE_SEEDS } from '../people/employee-seeds.ts'
import { PERMISSION_NAMES, ROLE_SEEDS } from '../people/role-seeds.ts'
import type { Shop } from '../till/shop.ts'

/** Roles with their permissions, and the employees. */
export function seedEmployees(shop: Shop, random: Random, at: number): void {
  const { inserts } = shop
  for (const [code, name] of Object.entries(PERMISSION_NAMES)) inserts.into('permissions', { code, name })
  const roleIds = new Map<string, number>()
  for (const { code, name, permissions } of ROLE_SEEDS) {
    const id = inserts.into('roles', { code, name })
    roleIds.set(code, id)
    for (const permission of permissions) {
      inserts.into('role_permissions', { role_id: id, permission_code: permission })
    }
  }
  EMPLOYEE_SEEDS.forEach((employee, index) => {
    const uid = random.uid()
    inserts.into('employees', {
      uid,
      role_id: roleIds.get(employee.role) ?? 1,
      name: employee.name,
      email: index < 2 ? `employe${index + 1}@exemple.fr` : null,
      pin_hash: createHash('sha256')
        .update(`${uid}:${random.between(1000, 9999)}`)
        .digest('hex'),
      active: employee.active ? 1 : 0,
      hired_on: shop.time.date(at),
      updated_at: shop.time.stamp(at),
    })
  })
}
