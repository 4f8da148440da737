/** The kinds of ticket that enter totals, as an SQL list: the others are kept and shown, never counted. */
export const COUNTED_KINDS_SQL = `('sale', 'refund', 'void')`
