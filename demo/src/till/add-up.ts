import type { PricedLine, PricedTicket, TaxTotal } from './priced-ticket.ts'

/** A ticket from lines that have their prices: taxes are the sums of the lines, so both always tie. */
export function addUp(lines: readonly PricedLine[]): PricedTicket {
  const taxes = new Map<string, TaxTotal>()
  let totalIncl = 0
  let totalExcl = 0
  let discount = 0
  let tip = 0
  for (const line of lines) {
    const key = `${line.nature} ${line.rateBp}`
    taxes.set(key, plusLine(taxes.get(key), line))
    totalIncl += line.totalIncl
    totalExcl += line.totalExcl
    discount += line.discount + line.ticketDiscount
    if (line.nature === 'tip') tip += line.totalIncl
  }
  return { lines, taxes: [...taxes.values()], totalIncl, totalExcl, discount, tip }
}

function plusLine(sum: TaxTotal | undefined, { nature, rateBp, totalIncl, totalExcl }: PricedLine): TaxTotal {
  return {
    nature,
    rateBp,
    baseExcl: (sum?.baseExcl ?? 0) + totalExcl,
    amount: (sum?.amount ?? 0) + totalIncl - totalExcl,
    totalIncl: (sum?.totalIncl ?? 0) + totalIncl,
  }
}
