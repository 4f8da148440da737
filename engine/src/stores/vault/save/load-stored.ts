import { hasCode } from '../../has-code.ts'
import type { IndexedPack } from '../format/index-file.ts'
import { packEndLength } from '../format/pack.ts'
import { BlobIndex } from '../repository/blob-index.ts'
import { readHeader } from '../repository/read-header.ts'
import type { Repository } from '../repository/repository.ts'

/**
 * What a new backup may refer to: blobs whose packs are there, and have their size. Packs that no index names, since a backup
 * was interrupted or their index is damaged, are named in a new one; what has lost its pack is stored again.
 */
export async function loadStored(repository: Repository): Promise<BlobIndex> {
  const named = new Map<string, IndexedPack>()
  for await (const name of repository.files.list('index')) {
    for (const pack of await readNamed(repository, name)) {
      named.set(pack.id, pack)
    }
  }
  const index = new BlobIndex()
  const left: IndexedPack[] = []
  for await (const id of repository.files.list('data')) {
    const pack = named.get(id)
    if (pack === undefined) {
      left.push(...(await readLeft(repository, id)))
    } else if ((await repository.files.size('data', id)) === bytesOf(pack)) {
      index.add(pack)
    }
  }
  if (left.length > 0) {
    await repository.writeIndex(left)
    for (const pack of left) {
      index.add(pack)
    }
  }
  return index
}

function bytesOf({ blobs }: IndexedPack): number {
  return blobs.reduce((sum, { length }) => sum + length, packEndLength(blobs))
}

/** Nothing when it is damaged. */
async function readNamed(repository: Repository, index: string): Promise<IndexedPack[]> {
  try {
    return await repository.readIndex(index)
  } catch (error) {
    if (hasCode(error, 'vault.damaged')) {
      return []
    }
    throw error
  }
}

/** Nothing when it can't be read: `check` speaks of it. */
async function readLeft(repository: Repository, id: string): Promise<IndexedPack[]> {
  try {
    const bytes = (await repository.files.size('data', id)) ?? 0
    return [{ id, blobs: await readHeader(repository, id, bytes) }]
  } catch (error) {
    if (hasCode(error, 'object.missing', 'vault.damaged')) {
      return []
    }
    throw error
  }
}
