import type { ArchiveManifest } from '../../model/archive-manifest.ts'
import { databasePath, partPrefix } from './archive-paths.ts'
import type { UnpackTask } from './unpack-task.ts'

/**
 * The entries that are to be written, by their index, each under a name of ours: `000001` is the first of the archive.
 * Nothing that stands in an archive becomes the name of a file.
 */
export function wantedEntries(
  { parts, entries }: ArchiveManifest,
  { write, part }: Pick<UnpackTask, 'write' | 'part'>,
): ReadonlyMap<number, string> {
  const databases = new Set(parts.map(({ folder, label }) => databasePath(folder, label.workspace.id)))
  const folders = parts.map(({ folder }) => partPrefix(folder))
  const isWanted = (path: string): boolean => {
    if (write === 'nothing') {
      return false
    }
    const folder = folders.find((prefix) => prefix === '' || path.startsWith(prefix))
    const isOfPart = part === undefined || folder === undefined || folder === partPrefix(part)
    return isOfPart && (write === 'everything' || databases.has(path))
  }
  const wanted = new Map<number, string>()
  for (const [index, { path }] of entries.entries()) {
    if (isWanted(path)) {
      wanted.set(index, `${index + 1}`.padStart(6, '0'))
    }
  }
  return wanted
}
