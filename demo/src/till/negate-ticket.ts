import { addUp } from './add-up.ts'
import type { PricedLine, PricedTicket } from './priced-ticket.ts'

/** The lines taken back, to the cent as they were sold. */
export function negateTicket(lines: readonly PricedLine[]): PricedTicket {
  return addUp(lines.map(negateLine))
}

function negateLine(line: PricedLine): PricedLine {
  return {
    ...line,
    quantityMilli: minus(line.quantityMilli),
    discount: minus(line.discount),
    ticketDiscount: minus(line.ticketDiscount),
    totalIncl: minus(line.totalIncl),
    totalExcl: minus(line.totalExcl),
  }
}

/** Never negative zero. */
function minus(amount: number): number {
  return 0 - amount
}
