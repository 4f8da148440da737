import { INDEX_BLOBS, type IndexedPack } from '../format/index-file.ts'
import type { Repository } from '../repository/repository.ts'

/** Names packs in as few index files as may be; each lasts once it is written. Gives their names. */
export async function writeIndexFiles(
  repository: Repository,
  packs: AsyncIterable<IndexedPack>,
): Promise<readonly string[]> {
  const names: string[] = []
  let batch: IndexedPack[] = []
  let blobs = 0
  for await (const pack of packs) {
    batch.push(pack)
    blobs += pack.blobs.length
    if (blobs >= INDEX_BLOBS) {
      names.push(await repository.writeIndex(batch))
      batch = []
      blobs = 0
    }
  }
  if (batch.length > 0) {
    names.push(await repository.writeIndex(batch))
  }
  return names
}
