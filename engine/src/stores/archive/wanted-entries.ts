import type { ArchiveManifest } from '../../model/archive-manifest.ts'
import { databasePath, partPrefix } from './archive-paths.ts'
import type { UnpackTask } from './unpack-task.ts'

/** Tells which of the entries of an archive are to be written, by their paths. */
export function wantedEntries(
  { parts }: ArchiveManifest,
  { write, part }: Pick<UnpackTask, 'write' | 'part'>,
): (path: string) => boolean {
  const databases = new Set(parts.map(({ folder, label }) => databasePath(folder, label.workspace.id)))
  const folders = parts.map(({ folder }) => partPrefix(folder))
  return (path) => {
    if (write === 'nothing') {
      return false
    }
    const folder = folders.find((prefix) => prefix === '' || path.startsWith(prefix))
    const isOfPart = part === undefined || folder === undefined || folder === partPrefix(part)
    return isOfPart && (write === 'everything' || databases.has(path))
  }
}
