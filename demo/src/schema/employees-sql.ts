/** Employees and their rights: admin, manager, cashier, server, kitchen. */
export const EMPLOYEES_SQL = `
CREATE TABLE roles (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
);
CREATE TABLE permissions (
  code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE role_permissions (
  role_id INTEGER NOT NULL REFERENCES roles (id),
  permission_code TEXT NOT NULL REFERENCES permissions (code),
  PRIMARY KEY (role_id, permission_code)
);
CREATE TABLE employees (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  role_id INTEGER NOT NULL REFERENCES roles (id),
  name TEXT NOT NULL,
  email TEXT,
  pin_hash TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,
  hired_on TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
`
