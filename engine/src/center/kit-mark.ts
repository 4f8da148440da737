import { createHmac } from 'node:crypto'
import type { Shop } from './shop.ts'

/** Tells one recovery key from another in what is remembered of kits; it tells nobody the key. */
export function kitMark({ identity, secrets }: Pick<Shop, 'identity' | 'secrets'>): string {
  return createHmac('sha256', Buffer.from(identity.auditKey, 'base64'))
    .update(`tillsafe kit ${secrets.recoveryKey}`)
    .digest('hex')
}
