import type { Secrets } from '../model/index.ts'

type DatabaseKeys = Secrets['databaseKeys']

/** All keys that any of these histories knows, each name's newest first. Of a key that stands twice, the first counts. */
export function mergeDatabaseKeys(histories: readonly DatabaseKeys[]): DatabaseKeys {
  const names = new Set(histories.flatMap((history) => Object.keys(history)))
  return Object.fromEntries([...names].map((name) => [name, mergeOne(histories.flatMap((one) => one[name] ?? []))]))
}

function mergeOne(keys: DatabaseKeys[string]): DatabaseKeys[string] {
  const known = new Map<string, DatabaseKeys[string][number]>()
  for (const one of keys) {
    if (!known.has(one.key)) {
      known.set(one.key, one)
    }
  }
  return [...known.values()].sort((a, b) => (a.since < b.since ? 1 : a.since > b.since ? -1 : 0))
}
