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

/** The line that a list of images begins with; the line `]}` ends it. */
export const FIRST_LINE = '{"kind":"tillsafe.images","version":1,"images":['

/**
 * The list of the images of a backup as a file, made as they come: sorted by path, one image on a line. The same images
 * always give the same bytes. They go to `write`; who needs the mark only lets them go.
 */
export class ImagesList {
  readonly #write: (piece: string) => void
  readonly #hash = createHash('sha256')
  #count = 0
  #bytes = 0
  #lastPath = ''

  constructor(write: (piece: string) => void = () => undefined) {
    this.#write = write
  }

  /** Whether the image with this path may be the next one: each comes once, and behind those that sort before it. */
  isNext(path: string): boolean {
    return path > this.#lastPath
  }

  add({ path, bytes, sha256, key, modifiedMs }: ListedImage): void {
    if (!this.isNext(path)) {
      throw new Error('the images of a snapshot come in order of path, each once')
    }
    this.#put(this.#count === 0 ? `${FIRST_LINE}\n` : ',\n')
    this.#put(JSON.stringify({ path, bytes, sha256, key, modifiedMs }))
    this.#lastPath = path
    this.#count++
    this.#bytes += bytes
  }

  /**
   * Ends the list. What a label says of it; undefined when there are no images, and then there is no list: a restore
   * leaves the images of the shop alone.
   */
  finish(): ImagesMark | undefined {
    if (this.#count === 0) {
      return undefined
    }
    this.#put('\n]}\n')
    return { count: this.#count, bytes: this.#bytes, list: this.#hash.digest('hex') }
  }

  #put(piece: string): void {
    this.#hash.update(piece)
    this.#write(piece)
  }
}
