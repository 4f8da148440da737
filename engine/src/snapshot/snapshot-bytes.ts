import type { Snapshot } from './snapshot.ts'

/** Bytes of all entries of these snapshots together. */
export async function snapshotBytes(...snapshots: readonly Snapshot[]): Promise<number> {
  let bytes = 0
  for (const snapshot of snapshots) {
    for await (const entry of snapshot.entries()) {
      bytes += entry.bytes
    }
  }
  return bytes
}
