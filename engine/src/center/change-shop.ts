import { diskFailure } from '../work/disk-failure.ts'
import { systemClock } from '../work/system-clock.ts'
import type { Home } from './home.ts'
import { HomeLock } from './home-lock.ts'
import { keepRecoveryOf } from './keep-recovery.ts'
import { Shop } from './shop.ts'

/**
 * Changes what a shop has decided: on what stands in its home now, while no other process of it is at work. The recovery
 * files of its destinations follow. Errors: `home.busy`, `space.short`, `disk.failed`.
 */
export async function changeShop<R>(home: Home, change: (shop: Shop) => Promise<R>): Promise<R> {
  try {
    using _lock = HomeLock.take(home, systemClock)
    const result = await change(await Shop.open(home.path))
    await keepRecoveryOf(home)
    return result
  } catch (error) {
    throw await diskFailure(error, home.path)
  }
}
