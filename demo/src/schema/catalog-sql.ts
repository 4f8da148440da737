/** The catalog. `image_path` is relative to the images folder, with `/`, in NFC. */
export const CATALOG_SQL = `
CREATE TABLE categories (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  colour TEXT NOT NULL,
  position INTEGER NOT NULL,
  image_path TEXT
);
CREATE TABLE products (
  id INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  category_id INTEGER NOT NULL REFERENCES categories (id),
  barcode TEXT UNIQUE,
  name TEXT NOT NULL,
  description TEXT,
  price INTEGER NOT NULL,
  vat_rate_bp INTEGER NOT NULL,
  nature TEXT NOT NULL,
  unit TEXT NOT NULL CHECK (unit IN ('piece', 'kg')),
  is_stocked INTEGER NOT NULL DEFAULT 0,
  stock_milli INTEGER NOT NULL DEFAULT 0,
  image_path TEXT,
  active INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX products_by_category ON products (category_id, name);
CREATE INDEX products_by_image ON products (image_path);
`
