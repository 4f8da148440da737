import type { ChainedLog } from './chained-log.ts'

/** What the center did. */
export interface AuditEntry {
  readonly act:
    | 'backup.taken'
    | 'backup.failed'
    | 'recovery.written'
    | 'recovery.failed'
    | 'recovery.shown'
    | 'kit.made'
    | 'kit.confirmed'
    | 'restore.begun'
    | 'restore.done'
    | 'restore.finished-after-interruption'
    | 'restore.abandoned'
    | 'database.optimized'
    | 'database.exported'
    | 'archive.exported'
    | 'shop.adopted'
    | 'vault.pruned'
    | 'vault.repaired'
    | 'vault.key-added'
    | 'vault.key-removed'
    | 'vault.key-changed'
  readonly details: Readonly<Record<string, unknown>>
}

/** Each act of the center, chained and signed. */
export type AuditLog = ChainedLog<AuditEntry>
