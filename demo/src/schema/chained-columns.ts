/** The tables whose rows are chained, one chain per table and register. */
export type ChainedTable = 'tickets' | 'closures' | 'audit_entries' | 'reprints'

export interface ChainedPart {
  /** The key under which the rows stand in the hashed object. */
  readonly key: string
  readonly table: string
  readonly parent: string
  readonly columns: readonly string[]
}

export interface ChainedColumns {
  readonly columns: readonly string[]
  readonly parts: readonly ChainedPart[]
}

const CLOSURE_COLUMNS = [
  'cash_in cash_out counted_cash discount_total drawer_count expected_cash first_ticket_seq gift_card_total is_test',
  'last_ticket_seq number opened_at opening_float operator_id period period_absolute_total period_total',
  'perpetual_absolute_total perpetual_total proforma_count refund_count refund_total register_id reprint_count rounding',
  'sale_count sale_total sealed_at seq software_version ticket_count tip_total total_excl total_tax training_count',
  'training_total type void_count void_total',
]

/**
 * What is hashed: the row as an object of its columns by name, and the rows that belong to it as lists, in their order.
 * Left out are ids, the chain's own columns, and the two marks a ticket gets later (`corrected_by_id`, `reprint_count`).
 * Every list is sorted, which is what RFC 8785 asks of keys.
 */
export const CHAINED_COLUMNS: Readonly<Record<ChainedTable, ChainedColumns>> = {
  tickets: {
    columns: words(
      'business_date customer_id discount is_test issued_at kind note number operator_id order_id ref_ticket_id register_id',
      'rounding seq session_id software_version started_at tip total_excl total_incl total_tax uid z_period',
    ),
    parts: [
      {
        key: 'lines',
        table: 'ticket_lines',
        parent: 'ticket_id',
        columns: words(
          'discount discount_reason label nature no product_id quantity_milli tax_rate_bp ticket_discount total_excl',
          'total_incl uid unit_price_incl',
        ),
      },
      {
        key: 'payments',
        table: 'ticket_payments',
        parent: 'ticket_id',
        columns: words('amount change_given currency method no ref tendered'),
      },
      {
        key: 'taxes',
        table: 'ticket_taxes',
        parent: 'ticket_id',
        columns: words('amount base_excl nature no rate_bp total_incl'),
      },
    ],
  },
  closures: {
    columns: words(...CLOSURE_COLUMNS),
    parts: [
      { key: 'payments', table: 'closure_payments', parent: 'closure_id', columns: words('amount count method no') },
      {
        key: 'taxes',
        table: 'closure_taxes',
        parent: 'closure_id',
        columns: words('amount base_excl nature no rate_bp total_incl'),
      },
    ],
  },
  audit_entries: {
    columns: words(
      'action approver_id at code description device employee_id entity entity_id is_test new_value old_value register_id seq',
    ),
    parts: [],
  },
  reprints: { columns: words('at is_test operator_id register_id reprint_no seq ticket_id'), parts: [] },
}

function words(...lines: readonly string[]): readonly string[] {
  return lines.join(' ').split(' ')
}
