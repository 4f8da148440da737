import type { Till } from './till.ts'
import { writeAudit } from './write-audit.ts'

/** Prints a ticket again: a duplicate, numbered and chained. */
export function reprintTicket(till: Till, ticketId: number, at: number): void {
  const { db, time } = till.shop
  const mark = db.prepare('UPDATE tickets SET reprint_count = reprint_count + 1 WHERE id = ? RETURNING reprint_count')
  const reprintNo = Number(mark.pluck().get(ticketId))
  till.reprints.add({
    register_id: till.register.id,
    seq: till.reprints.nextSeq,
    ticket_id: ticketId,
    reprint_no: reprintNo,
    at: time.stamp(at),
    operator_id: till.operatorId,
    is_test: till.register.is_test,
  })
  const description = `Duplicata n° ${reprintNo}`
  writeAudit(till, { at, action: 'REPRINT', description, entity: 'ticket', entityId: ticketId })
}
