import type { StoredBackup } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { snapshotBytes } from '../../snapshot/snapshot-bytes.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { BackupKeys } from '../backup-names.ts'
import { claimName } from '../claim-name.ts'
import { composeLabel, type WrittenBackup } from '../compose-label.ts'
import { HashedContent } from '../hashed-content.ts'
import { Meter } from '../meter.ts'
import { OwnObjects } from '../own-objects.ts'
import { requireOwn } from '../require-own.ts'
import type { StorePlace } from '../store-place.ts'
import { storedBackup } from '../stored-backup.ts'
import { readBack } from '../write-checked.ts'
import { writeLabel } from '../write-label.ts'
import { ImagesWriter, type Meters } from './images-writer.ts'

/**
 * Writes one backup: marker, database, images, and the label last. What fails leaves nothing but images, which the
 * next backup finds again.
 */
export async function saveCopy(place: StorePlace, snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
  requireOwn(place, snapshot.heading)
  const own = new OwnObjects(place.destination)
  try {
    const keys = await claimName(place, snapshot.heading, own)
    const written = await writeEntries(place, keys, own, snapshot, job)
    const label = composeLabel(snapshot.heading, await snapshot.facts(), written)
    throwIfCancelled(job.signal)
    await writeLabel(place, keys, own, label)
    await place.destination.remove(keys.marker).catch(() => undefined) // the label decides; sweep removes the marker
    return storedBackup(label, keys.content)
  } catch (error) {
    await own.removeAll().catch(() => undefined) // what stays has its marker: sweep removes it
    throw error
  }
}

async function writeEntries(
  place: StorePlace,
  keys: BackupKeys,
  own: OwnObjects,
  snapshot: Snapshot,
  job: JobContext,
): Promise<WrittenBackup> {
  const totalBytes = await snapshotBytes(snapshot)
  const meters = { write: new Meter(job, 'write', totalBytes), readBack: new Meter(job, 'read-back', totalBytes) }
  const images = new ImagesWriter(place, meters)
  let database: { bytes: number; sha256: string } | undefined
  for await (const entry of snapshot.entries()) {
    throwIfCancelled(job.signal)
    switch (entry.part) {
      case 'database':
        database = await writeDatabase(place, keys, own, entry, meters)
        break
      case 'images':
        await images.add(entry)
        break
      case 'settings':
        break // the settings of a shop are in archives only
      default:
        entry.part satisfies never
    }
  }
  if (database === undefined) {
    throw new Error('a snapshot without a database cannot be a backup')
  }
  return { ...database, images: await images.finish(), problems: images.problems }
}

async function writeDatabase(
  place: StorePlace,
  keys: BackupKeys,
  own: OwnObjects,
  entry: Entry,
  { write, readBack: readBackMeter }: Meters,
): Promise<{ bytes: number; sha256: string }> {
  const content = new HashedContent({ bytes: entry.bytes, open: async () => write.pass(await entry.open()) })
  await own.write(keys.content, content)
  if (content.sha256 === undefined) {
    throw new Error(`${keys.content} was written without being read to its end`)
  }
  await readBack(place.destination, keys.content, content.sha256, readBackMeter)
  return { bytes: entry.bytes, sha256: content.sha256 }
}
