import Type, { type Static } from 'typebox'

/**
 * What must be equal between a database and its copy, beside the bytes: read in the transaction of the snapshot
 * and again from the copy.
 */
export const DatabaseFingerprint = Type.Object({
  pageSize: Type.Integer({ minimum: 512, maximum: 65_536 }),
  pages: Type.Integer({ minimum: 0 }),
  encoding: Type.String({ maxLength: 20 }),
  applicationId: Type.Integer(),
  userVersion: Type.Integer(),
  schemaVersion: Type.Integer(),
  /** User tables in order of name. Null where rows can't be counted: a virtual or a damaged table. */
  tables: Type.Array(
    Type.Object({ name: Type.String(), rows: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) }),
  ),
})
export type DatabaseFingerprint = Static<typeof DatabaseFingerprint>

/** How two fingerprints differ, as sentences; empty when they are equal. */
export function fingerprintDifferences(expected: DatabaseFingerprint, found: DatabaseFingerprint): string[] {
  return [...settingDifferences(expected, found), ...tableDifferences(expected, found)]
}

const settings = ['pageSize', 'pages', 'encoding', 'applicationId', 'userVersion', 'schemaVersion'] as const

function settingDifferences(expected: DatabaseFingerprint, found: DatabaseFingerprint): string[] {
  return settings
    .filter((name) => expected[name] !== found[name])
    .map((name) => `${name} is ${found[name]}, expected ${expected[name]}`)
}

function tableDifferences(expected: DatabaseFingerprint, found: DatabaseFingerprint): string[] {
  const before = new Map(expected.tables.map((table) => [table.name, table.rows]))
  const after = new Map(found.tables.map((table) => [table.name, table.rows]))
  const missing = [...before.keys()].filter((name) => !after.has(name)).map((name) => `table ${name} is missing`)
  const extra = [...after.keys()].filter((name) => !before.has(name)).map((name) => `table ${name} was not expected`)
  const counts = [...before]
    .filter(([name, rows]) => after.has(name) && after.get(name) !== rows)
    .map(([name, rows]) => `table ${name} has ${after.get(name)} rows, expected ${rows}`)
  return [...missing, ...extra, ...counts]
}
