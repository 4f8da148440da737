import type { Employee, Floor } from '../floor/floor.ts'
import { closeEndedPeriods } from '../till/close-ended-periods.ts'
import { openSession } from '../till/open-session.ts'
import type { Till } from '../till/till.ts'
import { writeAudit } from '../till/write-audit.ts'

const SELLING: ReadonlySet<string> = new Set(['cashier', 'server', 'manager'])

/** Opens a till in the morning; seals the months and years that have ended since it was last open. */
export function openTill(floor: Floor, till: Till, at: number): void {
  till.operatorId = whoSells(floor).id
  closeEndedPeriods(till, floor.shop.time.date(at), at)
  openSession(till, floor.random.uid(), at)
}

/** Somebody else takes over the till. */
export function changeOperator(floor: Floor, till: Till, at: number): void {
  const next = whoSells(floor)
  if (next.id === till.operatorId) return
  writeAudit(till, { at, action: 'LOGOUT', code: 40, description: `Déconnexion de ${till.register.name}` })
  till.operatorId = next.id
  writeAudit(till, { at, action: 'LOGIN', code: 80, description: `${next.name} sur ${till.register.name}` })
}

function whoSells({ staff, random }: Floor): Employee {
  return random.pickPopular(staff.filter((one) => SELLING.has(one.role)))
}
