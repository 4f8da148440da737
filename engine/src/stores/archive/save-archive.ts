import { mkdir } from 'node:fs/promises'
import { type Label, type StoredBackup, TillsafeError } from '../../model/index.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { diskFailure } from '../../work/disk-failure.ts'
import { writeNewFile } from '../../work/durable-files.ts'
import { requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { hashing } from '../../work/sha256.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { BackupKeys } from '../backup-names.ts'
import { claimName } from '../claim-name.ts'
import { hasCode } from '../has-code.ts'
import { Meter } from '../meter.ts'
import { OwnObjects } from '../own-objects.ts'
import { requireOwn } from '../require-own.ts'
import { storedBackup } from '../stored-backup.ts'
import { readBack } from '../write-checked.ts'
import { writeLabel } from '../write-label.ts'
import type { ArchivePlace } from './archive-place.ts'
import { shiftedJob } from './shifted-job.ts'
import { unpackArchive } from './unpack-archive.ts'
import { type WrittenArchive, writeArchive } from './write-archive.ts'

/**
 * Writes one backup: marker, archive, and the label last. The archive is made on this machine first, and opened again
 * behind walls while it is written to its destination. What fails leaves nothing.
 */
export async function saveArchive(place: ArchivePlace, snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
  requireOwn(place, snapshot.heading)
  throwIfCancelled(job.signal)
  const own = new OwnObjects(place.destination)
  await using folder = await TemporaryFolder.make(place.scratch, 'archive-')
  try {
    const keys = await claimName(place, snapshot.heading, own)
    const made = await makeArchive(place, folder, snapshot, job)
    await allOf(storeArchive(place, keys, own, made, job), proveArchive(folder, made, job))
    throwIfCancelled(job.signal)
    await writeLabel(place, keys, own, made.label)
    await place.destination.remove(keys.marker).catch(() => undefined) // the label decides; sweep removes the marker
    return storedBackup(made.label, keys.content)
  } catch (error) {
    await own.removeAll().catch(() => undefined) // what stays has its marker: sweep removes it
    throw error
  }
}

/** An archive in the scratch folder. */
interface MadeArchive {
  readonly file: string
  readonly content: Content
  readonly sha256: string
  readonly label: Label
  /** Bytes that went into it. */
  readonly plainBytes: number
}

async function makeArchive(
  place: ArchivePlace,
  folder: TemporaryFolder,
  snapshot: Snapshot,
  job: JobContext,
): Promise<MadeArchive> {
  const { plainBytes, settings } = await lookThrough(snapshot)
  await requireSpace(folder.path, plainBytes, 'making the archive')
  const contents = {
    holds: 'workspace',
    shop: place.shop,
    madeAt: snapshot.heading.takenAt,
    tillsafeVersion: snapshot.heading.tillsafeVersion,
    settings,
    parts: [{ folder: '', snapshot }],
    scratch: folder.path,
  } as const
  const archive = writeArchive(contents, place.signer, shiftedJob(job, { after: plainBytes }))
  const file = folder.join('archive.zip')
  const { bytes, sha256 } = await writeFile(place, file, archive)
  const label = (await archive.outline).manifest.parts[0]?.label
  if (label === undefined) {
    throw new Error('an archive without a part was made')
  }
  return { file, content: fileContent(file, bytes), sha256, label, plainBytes }
}

async function lookThrough(snapshot: Snapshot): Promise<{ plainBytes: number; settings: Uint8Array }> {
  let plainBytes = 0
  let settings: Uint8Array = Buffer.from('{}\n')
  for await (const entry of snapshot.entries()) {
    plainBytes += entry.bytes
    if (entry.part === 'settings') {
      settings = await readAll(await entry.open())
    }
  }
  return { plainBytes, settings }
}

async function writeFile(
  { disk, scratch }: ArchivePlace,
  file: string,
  { stream }: WrittenArchive,
): Promise<{ bytes: number; sha256: string }> {
  const hashed = hashing(stream)
  try {
    const bytes = await writeNewFile(disk, file, hashed.stream)
    return { bytes, sha256: hashed.sha256() }
  } catch (error) {
    throw await diskFailure(error, scratch)
  }
}

async function storeArchive(
  { destination }: ArchivePlace,
  keys: BackupKeys,
  own: OwnObjects,
  { content, sha256, plainBytes }: MadeArchive,
  job: JobContext,
): Promise<void> {
  const write = new Meter(shiftedJob(job, { before: plainBytes }), 'write', content.bytes)
  await own.write(keys.content, { bytes: content.bytes, open: async () => write.pass(await content.open()) })
  await readBack(destination, keys.content, sha256, new Meter(job, 'read-back', content.bytes))
}

/** What can't be unpacked now never can: then there is no backup. */
async function proveArchive(folder: TemporaryFolder, { file, label }: MadeArchive, job: JobContext): Promise<void> {
  const into = folder.join('proof')
  await mkdir(into, { mode: 0o700 })
  try {
    const quiet = { clock: job.clock, signal: job.signal, report: () => undefined }
    const { manifest } = await unpackArchive({ file, into, write: 'nothing' }, quiet)
    if (JSON.stringify(manifest.parts) !== JSON.stringify([{ folder: '', label }])) {
      throw new TillsafeError('archive.damaged', 'its label is another one')
    }
  } catch (error) {
    if (!hasCode(error, 'archive.damaged', 'archive.unsafe', 'file.over-limit')) {
      throw error
    }
    throw new TillsafeError('backup.damaged', `the archive that was made cannot be opened again: ${error.message}`, {
      cause: error,
      hint: 'Try again; if it happens twice, check the disk and the memory of this machine.',
    })
  }
}

/** Waits for all, also when one fails: nothing is still being written when what was written is taken back. */
async function allOf(...works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      throw outcome.reason
    }
  }
}
