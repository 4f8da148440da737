import type { Id } from '../model/index.ts'
import { throwIfCancelled } from '../work/cancel.ts'
import type { JobContext } from '../work/job-context.ts'
import { backupKeys } from './backup-names.ts'
import type { LabelledBackup } from './find-backup.ts'
import { type FoundLabel, findLabels } from './find-labels.ts'
import { hasCode } from './has-code.ts'
import { markerContent } from './saving-marker.ts'
import type { StorePlace } from './store-place.ts'

/** How many backups a removal has removed, and the labels of those that stay. */
export interface Removal {
  readonly removed: number
  readonly remaining: readonly FoundLabel[]
}

/** Removes backups: their files and labels. An id that is not there is no error: what was cut can be repeated. */
export async function removeBackups(place: StorePlace, ids: readonly Id[], job: JobContext): Promise<Removal> {
  const found: FoundLabel[] = []
  for await (const label of findLabels(place)) {
    found.push(label)
  }
  const going = found.filter((backup) => backup.kind === 'own').filter((backup) => ids.includes(backup.label.id))
  for (const backup of going) {
    throwIfCancelled(job.signal)
    await removeBackup(place, backup)
  }
  return { removed: going.length, remaining: found.filter((backup) => !going.some((gone) => gone === backup)) }
}

/** Without its label a backup is gone; the marker lets `sweep` finish what is cut after that. */
async function removeBackup(place: StorePlace, { stem, label }: LabelledBackup): Promise<void> {
  const keys = backupKeys(stem, place.ending)
  await mark(place, keys.marker, label.id)
  await place.destination.remove(keys.label)
  await place.destination.remove(keys.content)
  await place.destination.remove(keys.marker)
}

async function mark(place: StorePlace, key: string, backup: Id): Promise<void> {
  try {
    await place.destination.write(key, markerContent({ backup, shop: place.shop.id }))
  } catch (error) {
    // A full disk has no room for a marker, and removing is how it gets room.
    if (!hasCode(error, 'destination.name-taken', 'destination.full')) {
      throw error
    }
  }
}
