import type { Floor } from './floor.ts'

/** Who approves what a cashier may not do alone. */
export function managerOf({ staff }: Floor): number {
  return staff.find((one) => one.role === 'manager')?.id ?? 1
}
