/** Something that does not hold in a POS database. `where` names the row: table, register and number. */
export interface Finding {
  readonly kind:
    | 'HASH_MISMATCH'
    | 'PREV_MISMATCH'
    | 'SEQ_GAP'
    | 'TIME_REGRESSION'
    | 'UNKNOWN_KEY'
    | 'TICKET_TOTAL_MISMATCH'
    | 'CLOSURE_MISMATCH'
    | 'PERPETUAL_BREAK'
    | 'NUMBERING'
    | 'CORRECTION_WITHOUT_ORIGINAL'
    | 'DUPLICATE_COUNT_MISMATCH'
    | 'CLOSURE_MISSING'
    | 'ORPHAN_ROW'
  readonly where: string
  readonly message: string
}
