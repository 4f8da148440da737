import { hasCode } from '../../has-code.ts'
import type { IndexedPack } from '../format/index-file.ts'
import { decodePackEnd, headerReach, PackBroken, packEndLength } from '../format/pack.ts'
import { SealBroken } from '../format/seal.ts'
import { BlobIndex } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'

/** The end of a pack that is read first: most headers are shorter. */
const END_BYTES = 64 * 1024

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
  const { files, sealer } = repository
  try {
    const bytes = (await files.size('data', id)) ?? 0
    const read = async (reach: number) =>
      await files.readRange('data', id, { start: Math.max(0, bytes - reach), end: bytes })
    const end = await read(END_BYTES)
    const reach = headerReach(end, bytes)
    if (reach === undefined) {
      return []
    }
    const whole = reach <= end.byteLength ? end.subarray(end.byteLength - reach) : await read(reach)
    return [{ id, blobs: decodePackEnd(whole, bytes, sealer) }]
  } catch (error) {
    if (
      error instanceof SealBroken ||
      error instanceof PackBroken ||
      hasCode(error, 'object.missing', 'vault.damaged')
    ) {
      return []
    }
    throw error
  }
}
