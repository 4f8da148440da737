import type { Key } from '../destinations/destination.ts'
import { backupKeys, markerEnding, TIER_FOLDERS } from './backup-names.ts'
import { isOwnMarker } from './saving-marker.ts'
import type { StorePlace } from './store-place.ts'

/**
 * Finishes saves and removals that were cut: a marker without a label takes its file with it, a marker beside a
 * label goes alone. What has no marker of this shop is never touched. `isBusy` is asked before each marker: one of a
 * save that is running is no leftover.
 */
export async function sweepBackups(place: StorePlace, isBusy: () => boolean): Promise<void> {
  await place.destination.sweep()
  for (const folder of TIER_FOLDERS) {
    for await (const key of place.destination.list(`${place.workspace}/${folder}/`)) {
      if (key.endsWith(markerEnding(place.ending)) && !isBusy()) {
        await finish(place, key)
      }
    }
  }
}

async function finish(place: StorePlace, marker: Key): Promise<void> {
  const stem = marker.slice(0, -markerEnding(place.ending).length)
  const { content, label } = backupKeys(stem, place.ending)
  if (!(await isOwnMarker(place, marker))) {
    return
  }
  if ((await place.destination.size(label)) === undefined) {
    await place.destination.remove(content)
  }
  await place.destination.remove(marker)
}
