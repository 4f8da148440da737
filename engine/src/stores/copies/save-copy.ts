import {
  type Facts,
  type Heading,
  type ImagesMark,
  LABEL_VERSION,
  type Label,
  type StoredBackup,
  TillsafeError,
} from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import { hasCode } from '../has-code.ts'
import { decodeLabel, encodeLabel, LABEL_FILE_BYTES } from '../label-file.ts'
import type { CopiesPlace } from './copies-place.ts'
import { type CopyKeys, copyKeys, copyStem } from './copy-names.ts'
import { HashedContent } from './hashed-content.ts'
import { ImagesWriter, type Meters } from './images-writer.ts'
import { Meter } from './meter.ts'
import { OwnObjects } from './own-objects.ts'
import { readObject } from './read-object.ts'
import { markerContent } from './saving-marker.ts'
import { readBack } from './write-checked.ts'

/** What the sentences of a label are cut to. */
const SENTENCE_CHARACTERS = 1000

/**
 * Writes one backup: marker, database, images, and the label last. What fails leaves nothing but images, which the
 * next backup finds again.
 */
export async function saveCopy(place: CopiesPlace, snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
  requireOwn(place, snapshot.heading)
  // Asked for at once: the checks behind them run while the database is written.
  const facts = snapshot.facts()
  facts.catch(() => undefined)
  const own = new OwnObjects(place.destination)
  try {
    const keys = await claimName(place, snapshot.heading, own)
    const written = await writeEntries(place, keys, own, snapshot, job)
    const label = labelOf(snapshot.heading, await facts, written)
    throwIfCancelled(job.signal)
    await writeLabel(place, keys, own, label)
    await place.destination.remove(keys.marker).catch(() => undefined) // the label decides; sweep removes the marker
    return storedBackup(label, keys.database)
  } catch (error) {
    await own.removeAll().catch(() => undefined) // what stays has its marker: sweep removes it
    throw error
  }
}

function requireOwn(place: CopiesPlace, { shop, workspace }: Heading): void {
  if (shop.publicKey !== place.signer.publicKey || workspace.id !== place.workspace) {
    throw new Error('a snapshot of another shop or workspace was given to this store')
  }
}

/** A label and where its database lies, as a store reports them. */
export function storedBackup(label: Label, key: string): StoredBackup {
  return { label, key, bytes: label.database.bytes + (label.images?.bytes ?? 0) }
}

/** Finds a name that is free and makes it ours with a marker. */
async function claimName(place: CopiesPlace, heading: Heading, own: OwnObjects): Promise<CopyKeys> {
  for (let attempt = 1; ; attempt++) {
    const keys = copyKeys(copyStem(heading, place.timeZone, attempt))
    if (!(await isTaken(place, keys)) && (await isMarked(place, keys, heading, own))) {
      if (!(await isTaken(place, keys))) {
        return keys
      }
      await own.removeAll() // between the look and the marker, another save came and went
    }
  }
}

async function isTaken({ destination }: CopiesPlace, { database, label }: CopyKeys): Promise<boolean> {
  return (await destination.size(database)) !== undefined || (await destination.size(label)) !== undefined
}

async function isMarked(place: CopiesPlace, keys: CopyKeys, heading: Heading, own: OwnObjects): Promise<boolean> {
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

/** What has been written of a backup when only its label is missing. */
interface Written {
  readonly bytes: number
  readonly sha256: string
  readonly images: ImagesMark | undefined
  readonly problems: readonly string[]
}

async function writeEntries(
  place: CopiesPlace,
  keys: CopyKeys,
  own: OwnObjects,
  snapshot: Snapshot,
  job: JobContext,
): Promise<Written> {
  const totalBytes = await totalOf(snapshot)
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
        throw new Error('copies keep a database and images, nothing else')
      default:
        entry.part satisfies never
    }
  }
  if (database === undefined) {
    throw new Error('a snapshot without a database cannot be a backup')
  }
  return { ...database, images: await images.finish(), problems: images.problems }
}

async function totalOf(snapshot: Snapshot): Promise<number> {
  let bytes = 0
  for await (const entry of snapshot.entries()) {
    bytes += entry.bytes
  }
  return bytes
}

async function writeDatabase(
  place: CopiesPlace,
  keys: CopyKeys,
  own: OwnObjects,
  entry: Entry,
  { write, readBack: readBackMeter }: Meters,
): Promise<{ bytes: number; sha256: string }> {
  const content = new HashedContent({ bytes: entry.bytes, open: async () => write.pass(await entry.open()) })
  await own.write(keys.database, content)
  if (content.sha256 === undefined) {
    throw new Error(`${keys.database} was written without being read to its end`)
  }
  await readBack(place.destination, keys.database, content.sha256, readBackMeter)
  return { bytes: entry.bytes, sha256: content.sha256 }
}

function labelOf(heading: Heading, facts: Facts, written: Written): Label {
  if (facts.database.sha256 !== written.sha256 || facts.database.bytes !== written.bytes) {
    throw new TillsafeError('backup.damaged', 'what was written is not the database that was checked', {
      hint: 'Try again; if it happens twice, check the disk and the memory of this machine.',
    })
  }
  return {
    kind: 'tillsafe.label',
    version: LABEL_VERSION,
    ...heading,
    ...facts,
    problems: [...facts.problems, ...written.problems].map((sentence) => sentence.slice(0, SENTENCE_CHARACTERS)),
    ...(written.images === undefined ? {} : { images: written.images }),
  }
}

async function writeLabel(place: CopiesPlace, keys: CopyKeys, own: OwnObjects, label: Label): Promise<void> {
  const file = encodeLabel(label, place.signer)
  decodeLabel(file, place.shop.publicKey) // what could not be read again is not written
  await own.write(keys.label, bytesContent(file))
  if (!file.equals(await readObject(place.destination, keys.label, LABEL_FILE_BYTES))) {
    throw new TillsafeError('destination.failed', `${keys.label} was read back, and differs from what was written`)
  }
}
