import { CHAINED_COLUMNS, type ChainedPart, type ChainedTable } from './chained-columns.ts'

/**
 * The hashed text of a chained table's row, as an SQLite expression over the row `t`.
 * SQLite writes whole numbers and text as RFC 8785 does, so nothing else is needed to check a chain by hand.
 */
export function chainTextSql(table: ChainedTable): string {
  const { columns, parts } = CHAINED_COLUMNS[table]
  const members = [
    ...columns.map((name) => ({ name, sql: `t.${name}` })),
    ...parts.map((part) => ({ name: part.key, sql: listSql(part) })),
  ]
  members.sort((one, other) => (one.name < other.name ? -1 : 1))
  return `json_object(${members.map(({ name, sql }) => `'${name}', ${sql}`).join(', ')})`
}

function listSql({ table, parent, columns }: ChainedPart): string {
  const item = `json_object(${columns.map((name) => `'${name}', p.${name}`).join(', ')})`
  return `json((SELECT json_group_array(${item} ORDER BY p.no) FROM ${table} p WHERE p.${parent} = t.id))`
}
