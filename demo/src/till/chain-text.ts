import type { Row } from '../database/inserts.ts'
import { CHAINED_COLUMNS, type ChainedTable } from '../schema/chained-columns.ts'

type Member = readonly [prefix: string, name: string, list: readonly (readonly [string, string])[] | undefined]

const MEMBERS = new Map((Object.keys(CHAINED_COLUMNS) as ChainedTable[]).map((table) => [table, membersOf(table)]))

/** The hashed text of a row and of the rows that belong to it: RFC 8785 JSON, the keys written in their order. */
export function chainText(table: ChainedTable, row: Row, parts: Readonly<Record<string, readonly Row[]>>): string {
  let text = ''
  for (const [prefix, name, list] of MEMBERS.get(table) ?? []) {
    const value =
      list === undefined
        ? JSON.stringify(row[name])
        : `[${(parts[name] ?? []).map((part) => objectText(list, part)).join(',')}]`
    text += prefix + value
  }
  return `{${text.slice(1)}}`
}

function objectText(columns: readonly (readonly [string, string])[], row: Row): string {
  let text = ''
  for (const [prefix, name] of columns) text += prefix + JSON.stringify(row[name])
  return `{${text.slice(1)}}`
}

function membersOf(table: ChainedTable): readonly Member[] {
  const { columns, parts } = CHAINED_COLUMNS[table]
  const members: Member[] = [
    ...columns.map((name): Member => [keyPrefix(name), name, undefined]),
    ...parts.map(
      (part): Member => [keyPrefix(part.key), part.key, part.columns.map((name) => [keyPrefix(name), name])],
    ),
  ]
  return members.sort(([, one], [, other]) => (one < other ? -1 : 1))
}

function keyPrefix(name: string): string {
  return `,"${name}":`
}
