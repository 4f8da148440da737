/** Register layouts: the buttons of a screen, as JSON. A layout without a register is everyone's. */
export const LAYOUTS_SQL = `
CREATE TABLE register_layouts (
  id INTEGER NOT NULL PRIMARY KEY,
  register_id INTEGER REFERENCES registers (id),
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  buttons TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
`
