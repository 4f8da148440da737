import { type Clock, TillsafeError } from '../model/index.ts'
import { kitMark } from './kit-mark.ts'
import { openAudit } from './open-audit.ts'
import { parseRecoveryKey } from './recovery-key.ts'
import type { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'

/**
 * Records that a person has the recovery key: they typed it from the paper. Error: `key.wrong`, which never repeats what was
 * typed.
 */
export function confirmKit(shop: Shop, typed: string, clock: Clock): void {
  if (parseRecoveryKey(typed) !== shop.secrets.recoveryKey) {
    throw new TillsafeError('key.wrong', `this is a recovery key, but not that of ${shop.settings.shop.name}`, {
      hint: 'The paper may be an old one, or of another shop. Make a new one: tillsafe kit --output kit.pdf',
    })
  }
  using audit = openAudit(shop, clock)
  audit.log.add({ act: 'kit.confirmed', details: {} })
  using state = new StateDatabase(shop.home.state)
  state.noteKit(kitMark(shop), 'confirmed', clock.now())
}
