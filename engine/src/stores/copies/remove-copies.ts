import type { Id } from '../../model/index.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import { hasCode } from '../has-code.ts'
import type { CopiesPlace } from './copies-place.ts'
import { copyKeys } from './copy-names.ts'
import type { Copy } from './find-copy.ts'
import { type FoundLabel, findLabels } from './find-labels.ts'
import { removeUnusedImages } from './remove-unused-images.ts'
import { markerContent } from './saving-marker.ts'

/**
 * Removes backups, then the images that no other backup needs. An id that is not there is no error: a removal that
 * was cut can be repeated.
 */
export async function removeCopies(
  place: CopiesPlace,
  ids: readonly Id[],
  isBusy: () => boolean,
  job: JobContext,
): Promise<void> {
  const found: FoundLabel[] = []
  for await (const label of findLabels(place)) {
    found.push(label)
  }
  const going = found.filter((copy) => copy.kind === 'own').filter((copy) => ids.includes(copy.label.id))
  for (const copy of going) {
    throwIfCancelled(job.signal)
    await removeCopy(place, copy)
  }
  if (going.length > 0) {
    const remaining = found.filter((copy) => !going.some((gone) => gone === copy))
    await removeUnusedImages(place, remaining, isBusy, job)
  }
}

/** Without its label a backup is gone; the marker lets `sweep` finish what is cut after that. */
async function removeCopy(place: CopiesPlace, { stem, label }: Copy): Promise<void> {
  const keys = copyKeys(stem)
  await mark(place, keys.marker, label.id)
  await place.destination.remove(keys.label)
  await place.destination.remove(keys.database)
  await place.destination.remove(keys.marker)
}

async function mark(place: CopiesPlace, key: string, backup: Id): Promise<void> {
  try {
    await place.destination.write(key, markerContent({ backup, shop: place.shop.id }))
  } catch (error) {
    // A full disk has no room for a marker, and removing is how it gets room.
    if (!hasCode(error, 'destination.name-taken', 'destination.full')) {
      throw error
    }
  }
}
