/** Customers. `balance` is what a customer on account owes; `credit_limit` 0 means no account. */
export const CUSTOMERS_SQL = `
CREATE TABLE customers (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  account_number TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  company TEXT,
  vat_id TEXT,
  email TEXT,
  phone TEXT,
  address TEXT,
  postcode TEXT,
  city TEXT,
  credit_limit INTEGER NOT NULL DEFAULT 0,
  balance INTEGER NOT NULL DEFAULT 0,
  loyalty_points INTEGER NOT NULL DEFAULT 0,
  note TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX customers_by_name ON customers (name);
CREATE INDEX customers_by_email ON customers (email);
`
