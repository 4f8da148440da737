import { createHash } from 'node:crypto'
import type { Key } from '../../destinations/destination.ts'
import { type Label, TillsafeError } from '../../model/index.ts'
import { sha256Of } from '../../work/sha256.ts'
import { hasCode } from '../has-code.ts'
import type { ListedImage } from '../images-list.ts'
import type { StorePlace } from '../store-place.ts'
import { LIST_FILE_BYTES, listKey, readImagesList } from './images-list.ts'

/**
 * The images that a backup names, in order of path. Error: `backup.damaged` when its list is missing or is not what was
 * saved; then, as a rule, before the first of them.
 */
export async function* findImages(place: StorePlace, label: Label): AsyncIterable<ListedImage> {
  if (label.images !== undefined) {
    const { list } = label.images
    const key = await findList(place, list)
    yield* readImagesList(compared(await place.destination.read(key), list))
  }
}

/** Whether the object is the list with this hash. One that can't be read is none. */
export async function isList({ destination }: StorePlace, key: Key, list: string): Promise<boolean> {
  try {
    const bytes = await destination.size(key)
    if (bytes === undefined || bytes > LIST_FILE_BYTES) {
      return false
    }
    return (await sha256Of(await destination.read(key))).sha256 === list
  } catch (error) {
    if (hasCode(error, 'destination.failed', 'object.missing')) {
      return false
    }
    throw error
  }
}

/** A list is long: it is read to its end before anything of it is believed, and then once more. */
async function findList(place: StorePlace, list: string): Promise<Key> {
  for (let attempt = 1; ; attempt++) {
    const key = `${place.workspace}/${listKey(list, attempt)}`
    if ((await place.destination.size(key)) === undefined) {
      throw damaged(attempt === 1 ? 'missing' : 'damaged')
    }
    if (await isList(place, key, list)) {
      return key
    }
  }
}

/** The same stream, which fails at its end when it gave something else than the list. */
async function* compared(stream: AsyncIterable<Uint8Array>, list: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of stream) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== list) {
    throw damaged('damaged')
  }
}

function damaged(how: 'missing' | 'damaged'): TillsafeError {
  return new TillsafeError('backup.damaged', `the list of images is ${how}`)
}
