import Type from 'typebox'
import { hasShape, Sha256, TillsafeError } from '../../model/index.ts'
import { isEntryPath } from '../../snapshot/entry.ts'
import type { ListedImage } from '../images-list.ts'

const Image = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  key: Type.Optional(Type.String({ pattern: '^Images/[0-9a-f]{2}/[0-9a-f]{64}_[0-9]{1,4}(\\.[a-z0-9]{1,8})?$' })),
  modifiedMs: Type.Optional(Type.Number()),
})

const ImagesList = Type.Object({
  kind: Type.Literal('tillsafe.images'),
  version: Type.Literal(1),
  images: Type.Array(Image),
})

/** A list of images is never larger; a larger one is not read. It has room for half a million images. */
export const LIST_FILE_BYTES: number = 256 * 1024 * 1024

/** Reads a list of images. Error: `backup.damaged` when it is none, or names a path that may not be written. */
export function decodeImagesList(bytes: Uint8Array): readonly ListedImage[] {
  const list = parse(bytes)
  if (!hasShape(ImagesList, list) || !list.images.every((image) => isEntryPath(image.path))) {
    throw new TillsafeError('backup.damaged', 'the list of images does not have the right form')
  }
  return list.images
}

/** Where the bytes of an image lie, from the folder of the workspace on. `attempt` 2, 3 … when a place is spoilt. */
export function imageKey({ path, sha256 }: { path: string; sha256: string }, attempt: number = 1): string {
  const ending = /\.([a-z0-9]{1,8})$/.exec(path.toLowerCase())?.[0] ?? ''
  return `Images/${sha256.slice(0, 2)}/${sha256}${attempt === 1 ? '' : `_${attempt}`}${ending}`
}

/** Where a list lies, from the folder of the workspace on. */
export function listKey(sha256: string, attempt: number = 1): string {
  return `Images/Lists/${sha256}${attempt === 1 ? '' : `_${attempt}`}.json`
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new TillsafeError('backup.damaged', 'the list of images is not JSON', { cause })
  }
}
