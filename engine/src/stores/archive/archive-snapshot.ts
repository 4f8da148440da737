import type { ArchivePart } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { factsOf, headingOf } from '../label-parts.ts'
import { databasePath, IMAGES_PREFIX, partPrefix } from './archive-paths.ts'
import type { UnpackedArchive } from './unpack-archive.ts'

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

async function* entries({ manifest, files }: UnpackedArchive, { folder, label }: ArchivePart): AsyncIterable<Entry> {
  const database = databasePath(folder, label.workspace.id)
  const images = `${partPrefix(folder)}${IMAGES_PREFIX}`
  for (const { path, bytes, modifiedMs } of manifest.entries) {
    const file = files.get(path)
    if (file !== undefined && path === database) {
      const { pageSize } = label.database.fingerprint
      yield { path: 'database.db', part: 'database', pageSize, ...fileContent(file, bytes) }
    } else if (file !== undefined && path.startsWith(images)) {
      yield {
        path: path.slice(partPrefix(folder).length),
        part: 'images',
        ...(modifiedMs === undefined ? {} : { modifiedMs }),
        ...fileContent(file, bytes),
      }
    }
  }
}
