/** Stock movements, in thousandths of a piece or kilogram: inventory, delivery, sale, return, loss. */
export const STOCK_SQL = `
CREATE TABLE stock_movements (
  id INTEGER NOT NULL PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  kind TEXT NOT NULL CHECK (kind IN ('inventory', 'delivery', 'sale', 'return', 'loss')),
  quantity_milli INTEGER NOT NULL,
  at TEXT NOT NULL,
  ticket_id INTEGER,
  employee_id INTEGER REFERENCES employees (id),
  note TEXT,
  is_test INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX stock_movements_by_product ON stock_movements (product_id, at);
CREATE INDEX stock_movements_by_ticket ON stock_movements (ticket_id);
`
