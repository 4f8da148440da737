import Type from 'typebox'
import { hasShape, Sha256, TillsafeError } from '../../model/index.ts'
import { isEntryPath } from '../../snapshot/entry.ts'
import { FIRST_LINE, type ListedImage } from '../images-list.ts'
import { linesOf, listItems } from '../lines.ts'

const Image = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  key: Type.Optional(Type.String({ pattern: '^Images/[0-9a-f]{2}/[0-9a-f]{64}_[0-9]{1,4}(\\.[a-z0-9]{1,8})?$' })),
  modifiedMs: Type.Optional(Type.Number()),
})

/** A list of images is never larger; a larger one is neither written nor read. It has room for a million images. */
export const LIST_FILE_BYTES: number = 256 * 1024 * 1024

/** Reads a list of images. Error: `backup.damaged` when it is none, or names a path that may not be written. */
export async function* readImagesList(stream: AsyncIterable<Uint8Array>): AsyncIterable<ListedImage> {
  const lines = linesOf(stream, damaged)
  const first = await lines.next()
  if (first.value !== FIRST_LINE) {
    throw damaged('it does not begin as one')
  }
  for await (const item of listItems(lines, damaged)) {
    const image = parse(item)
    if (!hasShape(Image, image) || !isEntryPath(image.path)) {
      throw damaged('it does not have the right form')
    }
    yield image
  }
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

function parse(item: string): unknown {
  try {
    return JSON.parse(item)
  } catch (cause) {
    throw damaged('it is not JSON', cause)
  }
}

function damaged(why: string, cause?: unknown): TillsafeError {
  return new TillsafeError('backup.damaged', `the list of images cannot be read: ${why}`, { cause })
}
