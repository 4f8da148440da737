/** What is sealed with age carries this ending behind its own. */
export const SEALED_ENDING = '.age'

/** Where the label of a database file lies: `pos.db.json`, or `pos.db.json.age` beside `pos.db.age`. */
export function labelPathOf(file: string): string {
  return file.endsWith(SEALED_ENDING) ? `${file.slice(0, -SEALED_ENDING.length)}.json${SEALED_ENDING}` : `${file}.json`
}
