import type { Till } from './till.ts'

export interface AuditDraft {
  readonly at: number
  readonly action: string
  readonly description: string
  /** The event code of the French technical journal, where there is one. */
  readonly code?: number
  readonly employeeId?: number
  readonly approverId?: number | null
  readonly entity?: string
  readonly entityId?: number | null
  readonly oldValue?: string
  readonly newValue?: string
}

/** Adds an entry to the till's audit chain. */
export function writeAudit(till: Till, draft: AuditDraft): void {
  till.audits.add({
    register_id: till.register.id,
    seq: till.audits.nextSeq,
    at: till.shop.time.stamp(draft.at),
    action: draft.action,
    code: draft.code ?? null,
    employee_id: draft.employeeId ?? till.operatorId,
    entity: draft.entity ?? null,
    entity_id: draft.entityId ?? null,
    description: draft.description,
    approver_id: draft.approverId ?? null,
    device: till.register.device,
    old_value: draft.oldValue ?? null,
    new_value: draft.newValue ?? null,
    is_test: till.register.is_test,
  })
}
