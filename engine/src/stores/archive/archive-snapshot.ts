import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveManifest, ArchivePart } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { fileContent, readFileRange } from '../../snapshot/file-content.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { factsOf, headingOf } from '../label-parts.ts'
import { partPrefix } from './archive-paths.ts'
import { openManifest } from './manifest-file.ts'
import type { UnpackedArchive } from './unpack-archive.ts'
import { UNPACKED_MANIFEST, unpackedName } from './unpacked-file.ts'

/**
 * One part of an unpacked archive as a snapshot: what was written of it. Its bytes are files of ours that were checked
 * when they were written; they stay until whoever unpacked the archive removes them.
 */
export function archiveSnapshot(unpacked: UnpackedArchive, part: ArchivePart): Snapshot {
  return {
    heading: headingOf(part.label),
    entries: () => entries(unpacked, part),
    facts: async () => factsOf(part.label),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** The file of ours that holds the database of a part. Its entry follows those of the parts before. */
export function unpackedDatabase({ manifest, folder }: UnpackedArchive, part: ArchivePart): string {
  return join(folder, unpackedName(indexOf(part, manifest)))
}

function indexOf({ folder }: ArchivePart, { parts }: ArchiveManifest): number {
  let index = 0
  for (const before of parts) {
    if (before.folder === folder) {
      return index
    }
    index += 1 + (before.label.images?.count ?? 0)
  }
  throw new Error(`the archive has no part ${folder}`)
}

async function* entries(unpacked: UnpackedArchive, part: ArchivePart): AsyncIterable<Entry> {
  const { bytes, fingerprint } = part.label.database
  const content = fileContent(unpackedDatabase(unpacked, part), bytes)
  yield { path: 'database.db', part: 'database', pageSize: fingerprint.pageSize, ...content }
  if (unpacked.wrote === 'everything') {
    yield* images(unpacked, part)
  }
}

/** Their number may be large: their names are read from the manifest that was unpacked with them, one by one. */
async function* images({ manifest, folder }: UnpackedArchive, part: ArchivePart): AsyncIterable<Entry> {
  const file = join(folder, UNPACKED_MANIFEST)
  const { entries: all } = await openManifest(readFileRange(file, { start: 0, end: (await stat(file)).size }))
  const prefix = partPrefix(part.folder)
  const first = indexOf(part, manifest) + 1
  const end = first + (part.label.images?.count ?? 0)
  let index = 0
  for await (const { path, bytes, modifiedMs } of all) {
    if (index >= end) {
      return
    }
    if (index >= first) {
      yield {
        path: path.slice(prefix.length),
        part: 'images',
        ...(modifiedMs === undefined ? {} : { modifiedMs }),
        ...fileContent(join(folder, unpackedName(index)), bytes),
      }
    }
    index++
  }
}
