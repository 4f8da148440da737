import { type Label, TillsafeError } from '../../model/index.ts'
import { sha256OfBytes } from '../../work/sha256.ts'
import { hasCode } from '../has-code.ts'
import type { ListedImage } from '../images-list.ts'
import { readObject } from '../read-object.ts'
import type { StorePlace } from '../store-place.ts'
import { decodeImagesList, LIST_FILE_BYTES, listKey } from './images-list.ts'

/** The images that a backup names. Error: `backup.damaged` when its list is missing or is not what was saved. */
export async function findImages(place: StorePlace, label: Label): Promise<readonly ListedImage[]> {
  if (label.images === undefined) {
    return []
  }
  const { list } = label.images
  for (let attempt = 1; ; attempt++) {
    const key = `${place.workspace}/${listKey(list, attempt)}`
    if ((await place.destination.size(key)) === undefined) {
      throw new TillsafeError('backup.damaged', `the list of images is ${attempt === 1 ? 'missing' : 'damaged'}`)
    }
    const file = await readList(place, key)
    if (file !== undefined && sha256OfBytes(file) === list) {
      return decodeImagesList(file)
    }
  }
}

async function readList(place: StorePlace, key: string): Promise<Buffer | undefined> {
  try {
    return await readObject(place.destination, key, LIST_FILE_BYTES)
  } catch (error) {
    if (hasCode(error, 'destination.failed', 'backup.damaged', 'object.missing')) {
      return undefined
    }
    throw error
  }
}
