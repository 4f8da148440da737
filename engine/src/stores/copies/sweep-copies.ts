import type { Key } from '../../destinations/destination.ts'
import type { CopiesPlace } from './copies-place.ts'
import { COPY_FOLDERS, copyKeys, MARKER_ENDING } from './copy-names.ts'
import { isOwnMarker } from './saving-marker.ts'

/**
 * Finishes saves and removals that were cut: a marker without a label takes its database with it, a marker beside a
 * label goes alone. What has no marker of this shop is never touched. `isBusy` is asked before each marker: one of a
 * save that is running is no leftover.
 */
export async function sweepCopies(place: CopiesPlace, isBusy: () => boolean): Promise<void> {
  await place.destination.sweep()
  for (const folder of COPY_FOLDERS) {
    for await (const key of place.destination.list(`${place.workspace}/${folder}/`)) {
      if (key.endsWith(MARKER_ENDING) && !isBusy()) {
        await finish(place, key)
      }
    }
  }
}

async function finish(place: CopiesPlace, marker: Key): Promise<void> {
  const { database, label } = copyKeys(marker.slice(0, -MARKER_ENDING.length))
  if (!(await isOwnMarker(place, marker))) {
    return
  }
  if ((await place.destination.size(label)) === undefined) {
    await place.destination.remove(database)
  }
  await place.destination.remove(marker)
}
