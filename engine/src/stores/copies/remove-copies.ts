import type { Id } from '../../model/index.ts'
import type { JobContext } from '../../work/job-context.ts'
import { removeBackups } from '../remove-backups.ts'
import type { StorePlace } from '../store-place.ts'
import { removeUnusedImages } from './remove-unused-images.ts'

/** Removes backups, then the images that no other backup needs. */
export async function removeCopies(
  place: StorePlace,
  ids: readonly Id[],
  isBusy: () => boolean,
  job: JobContext,
): Promise<void> {
  const { removed, remaining } = await removeBackups(place, ids, job)
  if (removed > 0) {
    await removeUnusedImages(place, remaining, isBusy, job)
  }
}
