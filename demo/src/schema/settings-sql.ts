/** Settings and registers. A register's kind: single, primary or secondary. */
export const SETTINGS_SQL = `
CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE TABLE registers (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('single', 'primary', 'secondary')),
  serial TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  software_name TEXT NOT NULL,
  software_version TEXT NOT NULL,
  fiscal_version TEXT NOT NULL,
  certificate_ref TEXT NOT NULL,
  opening_float INTEGER NOT NULL,
  is_test INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 1
);
`
