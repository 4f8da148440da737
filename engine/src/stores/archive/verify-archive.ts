import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { LabelledBackup } from '../find-backup.ts'
import { hasCode } from '../has-code.ts'
import type { ArchivePlace } from './archive-place.ts'
import { fetchArchive } from './fetch-archive.ts'

/** Reads every byte of a stored archive. The sentences say what does not fit; none means that it is whole. */
export async function verifyArchive(
  place: ArchivePlace,
  backup: LabelledBackup,
  job: JobContext,
): Promise<readonly string[]> {
  await using folder = await TemporaryFolder.make(place.scratch, 'archive-')
  try {
    await fetchArchive(place, backup, 'nothing', folder, job)
    return []
  } catch (error) {
    // A place on the disk that can't be read is damage too; a missing disk stays an error.
    if (hasCode(error, 'backup.damaged', 'destination.failed', 'destination.denied')) {
      return [error.message]
    }
    throw error
  }
}
