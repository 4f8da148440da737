import { mkdir } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Key } from '../../destinations/destination.ts'
import { TillsafeError } from '../../model/index.ts'
import { diskFailure } from '../../work/disk-failure.ts'
import { writeNewFile } from '../../work/durable-files.ts'
import { requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { TemporaryFolder } from '../../work/temporary-folder.ts'
import { backupKeys } from '../backup-names.ts'
import type { LabelledBackup } from '../find-backup.ts'
import { hasCode } from '../has-code.ts'
import { Meter } from '../meter.ts'
import type { ArchivePlace } from './archive-place.ts'
import { shiftedJob } from './shifted-job.ts'
import { type UnpackedArchive, unpackArchive } from './unpack-archive.ts'
import type { UnpackWish } from './unpack-task.ts'

/**
 * Brings a stored archive into a folder of ours, and reads all of it there. Error: `backup.damaged` when it is missing,
 * is not whole, or is not the one of its label.
 */
export async function fetchArchive(
  place: ArchivePlace,
  backup: LabelledBackup,
  write: UnpackWish,
  folder: TemporaryFolder,
  job: JobContext,
): Promise<UnpackedArchive> {
  const key = backupKeys(backup.stem, place.ending).content
  const bytes = await place.destination.size(key)
  if (bytes === undefined) {
    throw damaged('the archive is missing')
  }
  const file = folder.join('archive.zip')
  const into = folder.join('unpacked')
  await mkdir(into, { mode: 0o700 })
  await bring(place, { key, bytes, file }, shiftedJob(job, { after: bytesIn(backup) }))
  const unpacked = await unpack(file, into, write, shiftedJob(job, { before: bytes }))
  await place.disk.unlink(file)
  requireLabelled(unpacked, backup, place)
  return unpacked
}

function bytesIn({ label }: LabelledBackup): number {
  return label.database.bytes + (label.images?.bytes ?? 0)
}

async function bring(
  { destination, disk, scratch }: ArchivePlace,
  { key, bytes, file }: { readonly key: Key; readonly bytes: number; readonly file: string },
  job: JobContext,
): Promise<void> {
  await requireSpace(scratch, bytes, 'reading the archive')
  try {
    await writeNewFile(disk, file, new Meter(job, 'check', bytes).pass(await destination.read(key)))
  } catch (error) {
    throw hasCode(error, 'object.missing')
      ? damaged('the archive is missing', error)
      : await diskFailure(error, scratch)
  }
}

async function unpack(file: string, into: string, write: UnpackWish, job: JobContext): Promise<UnpackedArchive> {
  try {
    return await unpackArchive({ file, into, write }, job)
  } catch (error) {
    throw hasCode(error, 'archive.damaged', 'archive.unsafe', 'file.over-limit') ? damaged(error.message, error) : error
  }
}

/** The label and the manifest are signed, each for itself: an older archive under a newer label is found out here. */
function requireLabelled({ manifest }: UnpackedArchive, { label }: LabelledBackup, { shop }: ArchivePlace): void {
  const [part, ...others] = manifest.parts
  const isOwn = manifest.shop.publicKey === shop.publicKey && manifest.holds === 'workspace' && others.length === 0
  if (!isOwn || !isDeepStrictEqual(part?.label, label)) {
    throw damaged('the archive is not the one of its label')
  }
}

function damaged(message: string, cause?: unknown): TillsafeError {
  return new TillsafeError('backup.damaged', message, { cause })
}
