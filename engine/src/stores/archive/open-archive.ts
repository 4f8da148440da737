import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { LabelledBackup } from '../find-backup.ts'
import type { ArchivePlace } from './archive-place.ts'
import { archiveSnapshot } from './archive-snapshot.ts'
import { fetchArchive } from './fetch-archive.ts'

/** A stored archive as a snapshot: all of it was checked, and lies unpacked on this machine until the snapshot goes. */
export async function openArchive(place: ArchivePlace, backup: LabelledBackup, job: JobContext): Promise<Snapshot> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await TemporaryFolder.make(place.scratch, 'archive-'))
  const unpacked = await fetchArchive(place, backup, 'everything', folder, job)
  const kept = stack.move()
  return {
    ...archiveSnapshot(unpacked, { folder: '', label: backup.label }),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  }
}
