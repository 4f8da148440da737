/**
 * Closures, audit entries and reprints: what may never be purged.
 * A closure's `seq` runs over all types of a register; its `number` over one type. `period` is `2026-03-01`, `2026-03`
 * or `2026`. Totals count sales, refunds and voids; `period_total` is what tickets come to, tax included.
 */
export const JOURNAL_SQL = `
CREATE TABLE closures (
  id INTEGER NOT NULL PRIMARY KEY,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  type TEXT NOT NULL CHECK (type IN ('day', 'month', 'year')),
  seq INTEGER NOT NULL,
  number INTEGER NOT NULL,
  period TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  sealed_at TEXT NOT NULL,
  operator_id INTEGER NOT NULL REFERENCES employees (id),
  first_ticket_seq INTEGER,
  last_ticket_seq INTEGER,
  ticket_count INTEGER NOT NULL,
  sale_count INTEGER NOT NULL,
  sale_total INTEGER NOT NULL,
  refund_count INTEGER NOT NULL,
  refund_total INTEGER NOT NULL,
  void_count INTEGER NOT NULL,
  void_total INTEGER NOT NULL,
  total_excl INTEGER NOT NULL,
  total_tax INTEGER NOT NULL,
  discount_total INTEGER NOT NULL,
  tip_total INTEGER NOT NULL,
  gift_card_total INTEGER NOT NULL,
  rounding INTEGER NOT NULL,
  training_count INTEGER NOT NULL,
  training_total INTEGER NOT NULL,
  proforma_count INTEGER NOT NULL,
  reprint_count INTEGER NOT NULL,
  drawer_count INTEGER NOT NULL,
  cash_in INTEGER NOT NULL,
  cash_out INTEGER NOT NULL,
  opening_float INTEGER NOT NULL,
  expected_cash INTEGER NOT NULL,
  counted_cash INTEGER NOT NULL,
  period_total INTEGER NOT NULL,
  period_absolute_total INTEGER NOT NULL,
  perpetual_total INTEGER NOT NULL,
  perpetual_absolute_total INTEGER NOT NULL,
  software_version TEXT NOT NULL,
  is_test INTEGER NOT NULL DEFAULT 0,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  sig_alg TEXT NOT NULL,
  key_id TEXT NOT NULL,
  UNIQUE (register_id, seq),
  UNIQUE (register_id, type, number)
);
CREATE INDEX closures_by_period ON closures (type, period);
CREATE TABLE closure_taxes (
  id INTEGER NOT NULL PRIMARY KEY,
  closure_id INTEGER NOT NULL REFERENCES closures (id),
  no INTEGER NOT NULL,
  nature TEXT NOT NULL,
  rate_bp INTEGER NOT NULL,
  base_excl INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  total_incl INTEGER NOT NULL,
  UNIQUE (closure_id, no)
);
CREATE TABLE closure_payments (
  id INTEGER NOT NULL PRIMARY KEY,
  closure_id INTEGER NOT NULL REFERENCES closures (id),
  no INTEGER NOT NULL,
  method TEXT NOT NULL,
  count INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  UNIQUE (closure_id, no)
);
CREATE TABLE audit_entries (
  id INTEGER NOT NULL PRIMARY KEY,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  code INTEGER,
  employee_id INTEGER NOT NULL REFERENCES employees (id),
  entity TEXT,
  entity_id INTEGER,
  description TEXT NOT NULL,
  approver_id INTEGER REFERENCES employees (id),
  device TEXT NOT NULL,
  old_value TEXT,
  new_value TEXT,
  is_test INTEGER NOT NULL DEFAULT 0,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  sig_alg TEXT NOT NULL,
  key_id TEXT NOT NULL,
  UNIQUE (register_id, seq)
);
CREATE INDEX audit_entries_by_action ON audit_entries (action, at);
CREATE INDEX audit_entries_by_entity ON audit_entries (entity, entity_id);
CREATE TABLE reprints (
  id INTEGER NOT NULL PRIMARY KEY,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  seq INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  reprint_no INTEGER NOT NULL,
  at TEXT NOT NULL,
  operator_id INTEGER NOT NULL REFERENCES employees (id),
  is_test INTEGER NOT NULL DEFAULT 0,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  sig_alg TEXT NOT NULL,
  key_id TEXT NOT NULL,
  UNIQUE (register_id, seq)
);
CREATE INDEX reprints_by_ticket ON reprints (ticket_id);
`
