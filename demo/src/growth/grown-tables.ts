export interface GrownTable {
  readonly name: string
  /** The shop's day of a row of this table, in SQL; rows of one day have neighbouring ids. */
  readonly day: string
  /** Which rows are copied; `:base` stands for the registers that really sold. */
  readonly when: string
  /** What is different in the copy; `shift_…` are functions that move an id into the copy's range. */
  readonly changes: Readonly<Record<string, string>>
}

const OF_BASE = 'register_id IN (:base)'
const TICKET_OF_BASE = `EXISTS (SELECT 1 FROM tickets t WHERE t.id = ticket_id AND t.${OF_BASE})`
const OWN = { register_id: moved('registers', 'register_id') }

/** The tables that a grown database has more of, parents before children. */
export const GROWN_TABLES: readonly GrownTable[] = [
  {
    name: 'pos_sessions',
    day: 'business_date',
    when: OF_BASE,
    changes: { ...OWN, id: moved('pos_sessions', 'id'), uid: 'fresh_uid()' },
  },
  {
    name: 'orders',
    day: 'substr(opened_at, 1, 10)',
    when: OF_BASE,
    changes: { ...OWN, id: moved('orders', 'id'), uid: 'fresh_uid()', ticket_id: moved('tickets', 'ticket_id') },
  },
  {
    name: 'tickets',
    day: 'business_date',
    when: OF_BASE,
    changes: {
      ...OWN,
      ...linksOf('tickets'),
      id: moved('tickets', 'id'),
      uid: 'fresh_uid()',
      session_id: moved('pos_sessions', 'session_id'),
      order_id: moved('orders', 'order_id'),
      ref_ticket_id: moved('tickets', 'ref_ticket_id'),
      corrected_by_id: moved('tickets', 'corrected_by_id'),
    },
  },
  ticketPart('ticket_lines', { uid: 'fresh_uid()' }),
  ticketPart('ticket_taxes', {}),
  ticketPart('ticket_payments', {}),
  {
    name: 'stock_movements',
    day: 'substr(at, 1, 10)',
    when: TICKET_OF_BASE,
    changes: { id: 'NULL', ticket_id: moved('tickets', 'ticket_id') },
  },
  {
    name: 'audit_entries',
    day: 'substr(at, 1, 10)',
    when: OF_BASE,
    changes: {
      ...OWN,
      ...linksOf('audit_entries'),
      id: 'NULL',
      entity_id: `CASE entity WHEN 'ticket' THEN ${moved('tickets', 'entity_id')} ELSE entity_id END`,
    },
  },
  {
    name: 'reprints',
    day: 'substr(at, 1, 10)',
    when: OF_BASE,
    changes: { ...OWN, ...linksOf('reprints'), id: 'NULL', ticket_id: moved('tickets', 'ticket_id') },
  },
  {
    name: 'closures',
    day: 'substr(sealed_at, 1, 10)',
    when: OF_BASE,
    changes: { ...OWN, ...linksOf('closures'), id: moved('closures', 'id') },
  },
  closurePart('closure_taxes'),
  closurePart('closure_payments'),
]

function ticketPart(name: string, changes: Readonly<Record<string, string>>): GrownTable {
  const day = '(SELECT business_date FROM tickets t WHERE t.id = ticket_id)'
  return {
    name,
    day,
    when: TICKET_OF_BASE,
    changes: { ...changes, id: 'NULL', ticket_id: moved('tickets', 'ticket_id') },
  }
}

function closurePart(name: string): GrownTable {
  const when = `EXISTS (SELECT 1 FROM closures c WHERE c.id = closure_id AND c.${OF_BASE})`
  const day = '(SELECT substr(sealed_at, 1, 10) FROM closures c WHERE c.id = closure_id)'
  return { name, day, when, changes: { id: 'NULL', closure_id: moved('closures', 'closure_id') } }
}

function linksOf(table: string): Readonly<Record<string, string>> {
  const chain = `'${table}', ${OWN.register_id}`
  return { prev_hash: `link_before(${chain})`, hash: `link_new(${chain})` }
}

function moved(table: string, column: string): string {
  return `${column} + :${table}_shift`
}
