import { type DestinationSettings, failureOf } from '../model/index.ts'
import { systemClock } from '../work/system-clock.ts'
import { bringRecovery, recoveryDigest } from './bring-recovery.ts'
import type { Desk } from './desk.ts'
import type { Home } from './home.ts'
import { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'

type RecoveryDesk = Pick<Desk, 'shop' | 'state' | 'clock'> & Partial<Pick<Desk, 'audit'>>

/**
 * Sees to it that each of these destinations holds the recovery file of the shop as it is now. Cheap when nothing has
 * changed. Never throws: what could not be written is returned as sentences, and the next backup tries again.
 */
export async function keepRecovery(
  desk: RecoveryDesk,
  destinations: readonly DestinationSettings[],
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const destination of destinations) {
    const { name } = destination
    try {
      await keepIn(destination, desk)
    } catch (error) {
      const { code, message } = failureOf(error)
      problems.push(`the recovery file in ${name} could not be brought up to date: ${message}`)
      desk.audit?.add({ act: 'recovery.failed', details: { destination: name, code, message } })
    }
  }
  return problems
}

/**
 * The same for all destinations after the identity, the settings or the secrets of a shop were written: the home is read
 * anew. Where a destination is away, its next backup does it.
 */
export async function keepRecoveryOf(home: Home): Promise<void> {
  try {
    const shop = await Shop.open(home.path)
    using state = new StateDatabase(home.state)
    await keepRecovery({ shop, state, clock: systemClock }, shop.settings.destinations)
  } catch {
    // What was changed is changed; each backup sees to the recovery file, and tells when it can't.
  }
}

async function keepIn(destination: DestinationSettings, { shop, state, clock, audit }: RecoveryDesk): Promise<void> {
  const { name } = destination
  const digest = recoveryDigest(shop, destination)
  const known = state.recovery(name)
  if (known?.digest === digest && (await shop.destination(destination).size(known.key)) === known.bytes) {
    return
  }
  const { key, bytes, isNew } = await bringRecovery(shop, destination, clock)
  state.noteRecovery(name, { digest, key, bytes })
  if (isNew) {
    audit?.add({ act: 'recovery.written', details: { destination: name, key } })
  }
}
