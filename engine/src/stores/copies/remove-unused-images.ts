import type { Key } from '../../destinations/destination.ts'
import type { Label } from '../../model/index.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import { markerEnding, TIER_FOLDERS } from '../backup-names.ts'
import type { FoundLabel } from '../find-labels.ts'
import { hasCode } from '../has-code.ts'
import type { StorePlace } from '../store-place.ts'
import { TextSet } from '../text-set.ts'
import { findImages } from './find-images.ts'
import { imageKey } from './images-list.ts'

/** Only objects with names that this store gives; the first group is the SHA-256 of a list. */
const LIST_OR_IMAGE =
  /^Images\/(?:Lists\/([0-9a-f]{64})(?:_\d+)?\.json|[0-9a-f]{2}\/[0-9a-f]{64}(?:_\d+)?(?:\.[a-z0-9]{1,8})?)$/

/**
 * Removes the images and lists that none of the `remaining` backups names. Where it is not certain what the others
 * need, everything stays: a label or a list that can't be read, a backup of another shop, a save that is running.
 */
export async function removeUnusedImages(
  place: StorePlace,
  remaining: readonly FoundLabel[],
  isBusy: () => boolean,
  job: JobContext,
): Promise<void> {
  const needed = await neededBy(place, remaining)
  if (needed === undefined || (await isSaving(place))) {
    return
  }
  for await (const key of place.destination.list(`${place.workspace}/Images/`)) {
    throwIfCancelled(job.signal)
    if (isBusy()) {
      return
    }
    if (isUnused(key.slice(place.workspace.length + 1), needed)) {
      await place.destination.remove(key)
    }
  }
}

/** The lists, by their SHA-256, and the keys of images that backups name. Undefined when it can't be known. */
async function neededBy(place: StorePlace, remaining: readonly FoundLabel[]): Promise<TextSet | undefined> {
  const needed = new TextSet()
  for (const copy of remaining) {
    if (copy.kind !== 'own' || !(await addNamedBy(place, copy.label, needed))) {
      return undefined
    }
  }
  return needed
}

/** What one backup names; nothing when its list has been read already. False when it can't be known. */
async function addNamedBy(place: StorePlace, label: Label, needed: TextSet): Promise<boolean> {
  if (label.images === undefined || needed.has(label.images.list)) {
    return true
  }
  try {
    for await (const image of findImages(place, label)) {
      needed.add(image.key ?? imageKey(image))
    }
    needed.add(label.images.list)
    return true
  } catch (error) {
    if (hasCode(error, 'backup.damaged', 'destination.failed', 'destination.denied')) {
      return false
    }
    throw error
  }
}

async function isSaving(place: StorePlace): Promise<boolean> {
  for (const folder of TIER_FOLDERS) {
    for await (const key of place.destination.list(`${place.workspace}/${folder}/`)) {
      if (key.endsWith(markerEnding(place.ending))) {
        return true
      }
    }
  }
  return false
}

function isUnused(key: Key, needed: TextSet): boolean {
  const match = LIST_OR_IMAGE.exec(key)
  return match !== null && !needed.has(match[1] ?? key)
}
