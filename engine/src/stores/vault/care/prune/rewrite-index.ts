import { throwIfCancelled } from '../../../../work/cancel.ts'
import { INDEX_BLOBS, type IndexedPack } from '../../format/index-file.ts'
import type { Repository } from '../../repository/repository.ts'
import type { IndexFile } from '../load-index-files.ts'
import { writeIndexFiles } from '../write-index-files.ts'

/** So many small index files are joined. */
const JOINED = 8

/**
 * Index files that are to be replaced: those that name a pack that goes, or one that an earlier file names too; and small ones,
 * once there are several.
 */
export function staleIndexes(
  files: readonly IndexFile[],
  isGone: (pack: string) => boolean,
  joinSmall: boolean,
): readonly IndexFile[] {
  const named = new Set<string>()
  const stale = new Set<IndexFile>()
  for (const file of files) {
    if (file.packs.length === 0 || file.packs.some((pack) => isGone(pack) || named.has(pack))) {
      stale.add(file)
    }
    for (const pack of file.packs) {
      named.add(pack)
    }
  }
  const small = files.filter((file) => !stale.has(file) && file.blobs < INDEX_BLOBS / 2)
  return [...stale, ...(joinSmall && small.length >= JOINED ? small : [])]
}

/** Names anew, in index files of their own, what stays of the packs of these files. */
export async function rewriteIndexes(
  repository: Repository,
  files: readonly IndexFile[],
  stale: readonly IndexFile[],
  isGone: (pack: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const named = new Set(files.filter((file) => !stale.includes(file)).flatMap(({ packs }) => packs))
  await writeIndexFiles(repository, staying(repository, stale, named, isGone, signal))
}

async function* staying(
  repository: Repository,
  stale: readonly IndexFile[],
  named: Set<string>,
  isGone: (pack: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<IndexedPack> {
  for (const { name } of stale) {
    throwIfCancelled(signal)
    for (const pack of await repository.readIndex(name)) {
      if (!isGone(pack.id) && !named.has(pack.id)) {
        named.add(pack.id)
        yield pack
      }
    }
  }
}
