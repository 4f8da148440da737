import type { Heading } from '../model/index.ts'
import { type BackupKeys, backupKeys, backupStem } from './backup-names.ts'
import { hasCode } from './has-code.ts'
import type { OwnObjects } from './own-objects.ts'
import { markerContent } from './saving-marker.ts'
import type { StorePlace } from './store-place.ts'

/** Finds a name that is free and makes it ours with a marker. */
export async function claimName(place: StorePlace, heading: Heading, own: OwnObjects): Promise<BackupKeys> {
  for (let attempt = 1; ; attempt++) {
    const keys = backupKeys(backupStem(heading, place.timeZone, attempt), place.ending)
    if (!(await isTaken(place, keys)) && (await isMarked(place, keys, heading, own))) {
      if (!(await isTaken(place, keys))) {
        return keys
      }
      await own.removeAll() // between the look and the marker, another save came and went
    }
  }
}

async function isTaken({ destination }: StorePlace, { content, label }: BackupKeys): Promise<boolean> {
  return (await destination.size(content)) !== undefined || (await destination.size(label)) !== undefined
}

async function isMarked(place: StorePlace, keys: BackupKeys, heading: Heading, own: OwnObjects): Promise<boolean> {
  try {
    await own.write(keys.marker, markerContent({ backup: heading.id, shop: place.shop.id }))
    return true
  } catch (error) {
    if (hasCode(error, 'destination.name-taken')) {
      return false
    }
    throw error
  }
}
