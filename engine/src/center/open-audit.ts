import type { Clock } from '../model/index.ts'
import type { AuditLog } from './audit-log.ts'
import { ChainedLog } from './chained-log.ts'
import type { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'

/** The audit log of a shop, for an act that needs no center. */
export function openAudit(shop: Shop, clock: Clock): Disposable & { readonly log: AuditLog } {
  const state = new StateDatabase(shop.home.state)
  const owner = { key: shop.identity.auditKey, signer: shop.signer }
  return {
    log: new ChainedLog(state.connection, 'audit', owner, clock),
    [Symbol.dispose]: () => state[Symbol.dispose](),
  }
}
