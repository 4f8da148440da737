import type { ImagesMark } from '../../../model/index.ts'
import { readAll } from '../../../snapshot/bytes-content.ts'
import type { Entry } from '../../../snapshot/entry.ts'
import { type DatabaseHashes, hashDatabase } from '../../../snapshot/pages/hash-database.ts'
import { pageBytesOf } from '../../../snapshot/pages/page-bytes.ts'
import type { PageMap } from '../../../snapshot/pages/page-map.ts'
import { snapshotBytes } from '../../../snapshot/snapshot-bytes.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { Meter } from '../../meter.ts'
import { cutDatabase, type FormerDatabase } from '../cut/cut-database.ts'
import { LEVEL, QUICK_LEVEL } from '../format/compression-levels.ts'
import { DATABASE_FOLDER, DATABASE_NAME, SETTINGS_NAME } from '../vault-paths.ts'
import type { EntrySaving } from './entry-saving.ts'
import type { FormerBackup } from './former-backup.ts'
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

async function saveDatabase(saving: EntrySaving, entry: Entry, meter: Meter): Promise<SavedDatabase> {
  const { trees, former, snapshot, job } = saving
  const modifiedMs = Date.parse(snapshot.heading.takenAt)
  const setContent = await trees.file(`${DATABASE_FOLDER}/${DATABASE_NAME}`, { bytes: entry.bytes, modifiedMs })
  const known = former?.databaseNode
  const same = unchanged(entry, former)
  if (same !== undefined) {
    setContent(same.cut.ids, known?.modifiedMs)
    meter.addUnread(entry.bytes)
    return { bytes: entry.bytes, sha256: same.map.owner.sha256, map: same.map }
  }
  const hashes = await hashesOf(entry, job.signal)
  const content = await savePieces(saving, entry, hashes.map, meter)
  // The same database has the same time as in the last backup: then its list of blobs is the same too, and stored already.
  content.whenKnown((ids) => setContent(ids, known?.content.equals(ids) ? known.modifiedMs : modifiedMs))
  return { bytes: entry.bytes, ...hashes }
}

/** The database of the last backup, when this is the same. */
function unchanged({ hashes, bytes }: Entry, former: FormerBackup | undefined): FormerDatabase | undefined {
  const database = former?.database
  return database?.map.bytes === bytes && database.map.owner.sha256 === hashes?.sha256 ? database : undefined
}

async function savePieces(
  { blobs, former }: EntrySaving,
  entry: Entry,
  map: PageMap,
  meter: Meter,
): Promise<PendingContent> {
  const content = new PendingContent()
  let bytes = 0
  for await (const piece of cutDatabase(entry, map, former?.database)) {
    if (piece.kind === 'known') {
      content.addAll(piece.ids)
      bytes += piece.bytes
      meter.addUnread(piece.bytes)
    } else {
      await blobs.add(piece.bytes, piece.restless ? QUICK_LEVEL : LEVEL, content.reserve())
      bytes += piece.bytes.byteLength
      meter.add(piece.bytes.byteLength)
    }
  }
  if (bytes !== entry.bytes) {
    throw new Error(`the database has ${entry.bytes} bytes, and its pieces have ${bytes}`)
  }
  return content
}

/** What came with a database, where it fits; otherwise all of it is read. */
async function hashesOf({ hashes, ...entry }: Entry, signal: AbortSignal): Promise<DatabaseHashes> {
  const pageBytes = pageBytesOf(entry.pageSize)
  const map = await hashes?.map()
  return hashes !== undefined && map?.pageBytes === pageBytes && map.bytes === entry.bytes
    ? { sha256: hashes.sha256, map }
    : await hashDatabase(entry, pageBytes, signal)
}

async function saveSettings({ trees, blobs, snapshot }: EntrySaving, entry: Entry): Promise<void> {
  const modifiedMs = Date.parse(snapshot.heading.takenAt)
  await saveFile(trees, blobs, { path: SETTINGS_NAME, plain: await readAll(await entry.open()), modifiedMs })
}
