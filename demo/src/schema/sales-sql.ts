/**
 * Sessions, open tables, gift cards and tickets.
 * A ticket's `seq` never has a gap on its register; its `number` starts again after each Z, so people know it by
 * (register, Z period, number). Refunds and voids are tickets of their own that refer to the original, which is only
 * marked by `corrected_by_id`. Several indexes are on random keys (`uid`, `code`), as in many tills.
 */
export const SALES_SQL = `
CREATE TABLE pos_sessions (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  employee_id INTEGER NOT NULL REFERENCES employees (id),
  business_date TEXT NOT NULL,
  z_period INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  closed_at TEXT,
  opening_float INTEGER NOT NULL,
  expected_cash INTEGER,
  counted_cash INTEGER,
  is_test INTEGER NOT NULL DEFAULT 0,
  UNIQUE (register_id, z_period)
);
CREATE TABLE orders (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  employee_id INTEGER NOT NULL REFERENCES employees (id),
  customer_id INTEGER REFERENCES customers (id),
  table_label TEXT NOT NULL,
  covers INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'cancelled')),
  cart TEXT NOT NULL,
  total_incl INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  closed_at TEXT,
  ticket_id INTEGER,
  is_test INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX orders_by_status ON orders (status, opened_at);
CREATE TABLE gift_cards (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  sold_ticket_id INTEGER,
  sold_at TEXT NOT NULL,
  is_test INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tickets (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  register_id INTEGER NOT NULL REFERENCES registers (id),
  session_id INTEGER NOT NULL REFERENCES pos_sessions (id),
  seq INTEGER NOT NULL,
  z_period INTEGER NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('sale', 'refund', 'void', 'training', 'proforma', 'deposit', 'cash_in', 'cash_out')),
  business_date TEXT NOT NULL,
  started_at TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  operator_id INTEGER NOT NULL REFERENCES employees (id),
  customer_id INTEGER REFERENCES customers (id),
  order_id INTEGER REFERENCES orders (id),
  ref_ticket_id INTEGER REFERENCES tickets (id),
  total_incl INTEGER NOT NULL,
  total_excl INTEGER NOT NULL,
  total_tax INTEGER NOT NULL,
  discount INTEGER NOT NULL,
  tip INTEGER NOT NULL,
  rounding INTEGER NOT NULL,
  note TEXT,
  software_version TEXT NOT NULL,
  is_test INTEGER NOT NULL DEFAULT 0,
  corrected_by_id INTEGER,
  reprint_count INTEGER NOT NULL DEFAULT 0,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  sig_alg TEXT NOT NULL,
  key_id TEXT NOT NULL,
  UNIQUE (register_id, seq),
  UNIQUE (register_id, z_period, number)
);
CREATE INDEX tickets_by_day ON tickets (business_date, register_id);
CREATE INDEX tickets_by_customer ON tickets (customer_id);
CREATE INDEX tickets_by_original ON tickets (ref_ticket_id);
CREATE TABLE ticket_lines (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  no INTEGER NOT NULL,
  product_id INTEGER REFERENCES products (id),
  label TEXT NOT NULL,
  nature TEXT NOT NULL,
  quantity_milli INTEGER NOT NULL,
  unit_price_incl INTEGER NOT NULL,
  discount INTEGER NOT NULL,
  discount_reason TEXT,
  ticket_discount INTEGER NOT NULL,
  tax_rate_bp INTEGER NOT NULL,
  total_incl INTEGER NOT NULL,
  total_excl INTEGER NOT NULL,
  UNIQUE (ticket_id, no)
);
CREATE INDEX ticket_lines_by_product ON ticket_lines (product_id);
CREATE TABLE ticket_taxes (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  no INTEGER NOT NULL,
  nature TEXT NOT NULL,
  rate_bp INTEGER NOT NULL,
  base_excl INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  total_incl INTEGER NOT NULL,
  UNIQUE (ticket_id, no)
);
CREATE TABLE ticket_payments (
  id INTEGER NOT NULL PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  no INTEGER NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('cash', 'card', 'cheque', 'meal_voucher', 'gift_card', 'account')),
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  tendered INTEGER,
  change_given INTEGER,
  ref TEXT,
  UNIQUE (ticket_id, no)
);
CREATE INDEX ticket_payments_by_ref ON ticket_payments (ref);
`
