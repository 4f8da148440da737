import type { Till } from './till.ts'
import { writeAudit } from './write-audit.ts'

/** Opens the till for a day: float in the drawer, first login. */
export function openSession(till: Till, uid: string, at: number): void {
  const { shop, register } = till
  shop.inserts.into('pos_sessions', {
    uid,
    register_id: register.id,
    employee_id: till.operatorId,
    business_date: shop.time.date(at),
    z_period: till.zPeriod,
    opened_at: shop.time.stamp(at),
    closed_at: null,
    opening_float: register.opening_float,
    expected_cash: null,
    counted_cash: null,
    is_test: register.is_test,
  })
  till.readState()
  writeAudit(till, { at, action: 'LOGIN', code: 80, description: `Connexion sur ${register.name}` })
  writeAudit(till, {
    at,
    action: 'SESSION_OPEN',
    description: `Ouverture de caisse, Z ${till.zPeriod}`,
    newValue: String(register.opening_float),
  })
}
