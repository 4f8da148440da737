import { open } from 'node:fs/promises'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { cancellable } from '../../work/cancel.ts'

/** Writes the database of a snapshot into a file of ours, as it is. Not synced: it is gone before that matters. */
export async function writeScratchDatabase(snapshot: Snapshot, path: string, signal: AbortSignal): Promise<void> {
  for await (const entry of snapshot.entries()) {
    if (entry.part === 'database') {
      await using file = await open(path, 'wx', 0o600)
      for await (const chunk of cancellable(await entry.open(), signal)) {
        await file.writeFile(chunk)
      }
      return // a list of images is not read for nothing
    }
  }
}
