import { type Clock, TillsafeError } from '../model/index.ts'
import { openAudit } from './open-audit.ts'
import type { Shop } from './shop.ts'

const WORD = 'SHOW'

/**
 * The recovery key, for a person who prints it again. That it was shown is in the audit log before it is. Error:
 * `confirmation.needed`.
 */
export function showRecoveryKey(shop: Shop, confirm: string | undefined, clock: Clock): string {
  if (confirm !== WORD) {
    throw new TillsafeError(
      'confirmation.needed',
      `whoever sees the recovery key can take the place of ${shop.settings.shop.name}: to show it, type ${WORD}`,
      { confirm: WORD, hint: 'See that nobody else looks at this screen, then repeat with --confirm SHOW.' },
    )
  }
  using audit = openAudit(shop, clock)
  audit.log.add({ act: 'recovery.shown', details: {} })
  return shop.secrets.recoveryKey
}
