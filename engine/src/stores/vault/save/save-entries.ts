import type { ImagesMark } from '../../../model/index.ts'
import { readAll } from '../../../snapshot/bytes-content.ts'
import type { Entry } from '../../../snapshot/entry.ts'
import { type DatabaseHashes, hashDatabase } from '../../../snapshot/pages/hash-database.ts'
import { pageBytesOf } from '../../../snapshot/pages/page-bytes.ts'
import { snapshotBytes } from '../../../snapshot/snapshot-bytes.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { Meter } from '../../meter.ts'
import { cutDatabase } from '../cut/cut-database.ts'
import { LEVEL, QUICK_LEVEL } from '../format/compression-levels.ts'
import { DATABASE_FOLDER, DATABASE_NAME, SETTINGS_NAME } from '../vault-paths.ts'
import type { EntrySaving } from './entry-saving.ts'
import { ImagesSaver } from './images-saver.ts'
import { PendingContent } from './pending-content.ts'
import { saveFile } from './save-file.ts'

/** A stored database, and how it was cut. */
interface SavedDatabase extends DatabaseHashes {
  readonly bytes: number
}

/** What was stored. */
export interface SavedEntries extends SavedDatabase {
  readonly images: ImagesMark | undefined
  readonly problems: readonly string[]
}

/** Stores database, settings and images of a snapshot. */
export async function saveEntries(saving: EntrySaving): Promise<SavedEntries> {
  const { snapshot, job } = saving
  const meter = new Meter(job, 'write', await snapshotBytes(snapshot))
  const images = new ImagesSaver(saving, meter)
  let database: SavedDatabase | undefined
  for await (const entry of snapshot.entries()) {
    throwIfCancelled(job.signal)
    switch (entry.part) {
      case 'database':
        database = await saveDatabase(saving, entry, meter)
        break
      case 'images':
        await images.add(entry)
        break
      case 'settings':
        await saveSettings(saving, entry)
        break
      default:
        entry.part satisfies never
    }
  }
  if (database === undefined) {
    throw new Error('a snapshot without a database cannot be a backup')
  }
  await saving.blobs.flush()
  return { ...database, images: images.finish(), problems: images.problems }
}

async function saveDatabase(
  { trees, blobs, former, snapshot, job }: EntrySaving,
  entry: Entry,
  meter: Meter,
): Promise<SavedDatabase> {
  const modifiedMs = Date.parse(snapshot.heading.takenAt)
  const setContent = await trees.file(`${DATABASE_FOLDER}/${DATABASE_NAME}`, { bytes: entry.bytes, modifiedMs })
  const hashes = await hashesOf(entry, job.signal)
  const content = new PendingContent()
  let bytes = 0
  for await (const piece of cutDatabase(entry, hashes.map, former?.database)) {
    if (piece.kind === 'known') {
      content.addAll(piece.ids)
      bytes += piece.bytes
      meter.add(piece.bytes)
    } else {
      await blobs.add(piece.bytes, piece.restless ? QUICK_LEVEL : LEVEL, content.reserve())
      bytes += piece.bytes.byteLength
      meter.add(piece.bytes.byteLength)
    }
  }
  if (bytes !== entry.bytes) {
    throw new Error(`the database has ${entry.bytes} bytes, and its pieces have ${bytes}`)
  }
  // The same database has the same time as in the last backup: then its list of blobs is the same too, and stored already.
  const known = former?.databaseNode
  content.whenKnown((ids) => setContent(ids, known?.content.equals(ids) ? known.modifiedMs : modifiedMs))
  return { bytes, ...hashes }
}

/** What came with a database, where it fits; otherwise all of it is read. */
async function hashesOf(entry: Entry, signal: AbortSignal): Promise<DatabaseHashes> {
  const pageBytes = pageBytesOf(entry.pageSize)
  const known = await entry.hashes?.()
  return known?.map.pageBytes === pageBytes && known.map.bytes === entry.bytes
    ? known
    : await hashDatabase(entry, pageBytes, signal)
}

async function saveSettings({ trees, blobs, snapshot }: EntrySaving, entry: Entry): Promise<void> {
  const modifiedMs = Date.parse(snapshot.heading.takenAt)
  await saveFile(trees, blobs, { path: SETTINGS_NAME, plain: await readAll(await entry.open()), modifiedMs })
}
