import { createHash } from 'node:crypto'
import type { ImagesMark } from '../model/index.ts'

/** One image of a backup: its path in the snapshot, and which bytes it had. */
export interface ListedImage {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** Where `copies` keeps its bytes, from the folder of the workspace on, when it is not where `imageKey` says. */
  readonly key?: string
  readonly modifiedMs?: number
}

/** A list of images as a file, sorted by path, one image on a line: the same images always give the same bytes. */
export function encodeImagesList(images: readonly ListedImage[]): Buffer {
  return Buffer.from([...piecesOf(images)].join(''))
}

/** The mark of images in a label. Undefined when there are none: then a restore leaves those of the shop alone. */
export function imagesMark(images: readonly ListedImage[]): ImagesMark | undefined {
  if (images.length === 0) {
    return undefined
  }
  const list = createHash('sha256')
  for (const piece of piecesOf(images)) {
    list.update(piece)
  }
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0)
  return { count: images.length, bytes, list: list.digest('hex') }
}

/** A list may have hundreds of thousands of lines: whoever needs its hash only does not hold them all. */
function* piecesOf(images: readonly ListedImage[]): Generator<string> {
  let before = '{"kind":"tillsafe.images","version":1,"images":[\n'
  for (const { path, bytes, sha256, key, modifiedMs } of images.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    yield before + JSON.stringify({ path, bytes, sha256, key, modifiedMs })
    before = ',\n'
  }
  yield images.length === 0 ? `${before}\n]}\n` : '\n]}\n'
}
