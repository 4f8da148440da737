import type { ShopSettings } from '../model/index.ts'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { settingsFile } from './settings-file.ts'

/** A snapshot with the shop's settings as its last entry: what a new machine needs beside the data. */
export function withSettings(snapshot: Snapshot, settings: ShopSettings): Snapshot {
  const file = bytesContent(settingsFile(settings))
  return {
    heading: snapshot.heading,
    async *entries() {
      yield* snapshot.entries()
      yield { ...file, path: 'settings.json', part: 'settings' }
    },
    facts: () => snapshot.facts(),
    [Symbol.asyncDispose]: () => snapshot[Symbol.asyncDispose](),
  }
}
