import type { Clock } from '../model/index.ts'
import type { AuditLog } from './audit-log.ts'
import type { RestoreJournal } from './restore-journal.ts'
import type { Shop } from './shop.ts'
import type { StateDatabase } from './state-database.ts'
import type { Witness } from './witness.ts'

/** What the jobs of the center work with. */
export interface Desk {
  readonly shop: Shop
  readonly clock: Clock
  readonly state: StateDatabase
  readonly audit: AuditLog
  readonly witness: Witness
  readonly journal: RestoreJournal
  readonly version: string
}
