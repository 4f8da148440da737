import type { ImagesMark } from '../../../model/index.ts'
import { readAll } from '../../../snapshot/bytes-content.ts'
import type { Content } from '../../../snapshot/content.ts'
import { type Entry, isEntryPath } from '../../../snapshot/entry.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { sha256OfBytes } from '../../../work/sha256.ts'
import { ImagesList } from '../../images-list.ts'
import { LeftOutImages } from '../../left-out-images.ts'
import type { Meter } from '../../meter.ts'
import { IMAGE_ATTEMPTS, ImageAgain, type ReadImage, readImage } from '../../read-image.ts'
import { chunksOf } from '../chunk/chunks-of.ts'
import type { Polynomial } from '../chunk/gf2.ts'
import { LEVEL } from '../format/compression-levels.ts'
import { IMAGES_PREFIX } from '../vault-paths.ts'
import type { EntrySaving } from './entry-saving.ts'
import { PendingContent } from './pending-content.ts'

/** An image up to this size is one blob; a larger one is cut where its content says so. */
const WHOLE_BYTES = 8 * 1024 * 1024

/**
 * Stores the images of a snapshot. An image that can't be read is noted and left out: it must not keep the database from
 * being saved.
 */
export class ImagesSaver {
  readonly #saving: EntrySaving
  readonly #meter: Meter
  readonly #list = new ImagesList()
  readonly #leftOut = new LeftOutImages()

  constructor(saving: EntrySaving, meter: Meter) {
    this.#saving = saving
    this.#meter = meter
  }

  /** What is missing from the backup, as sentences. */
  get problems(): readonly string[] {
    return this.#leftOut.problems
  }

  async add(entry: Entry): Promise<void> {
    if (!isImagePath(entry.path) || !this.#list.isNext(entry.path)) {
      this.#leftOut.add(entry.path, 'its path cannot be stored')
      return
    }
    if (await this.#keepFormer(entry)) {
      return
    }
    let failure: string = CHANGED
    for (let attempt = 1; attempt <= IMAGE_ATTEMPTS && failure === CHANGED; attempt++) {
      const found = await readImage(entry, this.#meter)
      const outcome = found.kind === 'unreadable' ? found.why : await this.#store(entry, found)
      if (outcome === undefined) {
        return
      }
      failure = outcome
    }
    this.#leftOut.add(entry.path, failure)
  }

  finish(): ImagesMark | undefined {
    return this.#list.finish()
  }

  /** An image that has the size and the time of the last backup's is the same, and is not read. */
  async #keepFormer(entry: Entry): Promise<boolean> {
    const former = await this.#saving.former?.images.find(entry)
    if (former === undefined) {
      return false
    }
    const { bytes, content } = former
    const sha256 = content.byteLength === 0 ? sha256OfBytes('') : content.toString('hex')
    const tell = await this.#saving.trees.file(entry.path, { bytes, modifiedMs: former.modifiedMs })
    tell(content)
    this.#list.add({ path: entry.path, bytes, sha256, modifiedMs: former.modifiedMs })
    this.#meter.addUnread(bytes)
    return true
  }

  /** Why the image could not be stored; undefined when it was. */
  async #store(entry: Entry, found: ReadImage): Promise<string | undefined> {
    const { trees, blobs, polynomial } = this.#saving
    const { path } = entry
    const modifiedMs = entry.modifiedMs || undefined // 1970 stands for a time that is not known
    const again = found.content === undefined ? new ImageAgain(entry, found) : undefined
    const content = new PendingContent()
    try {
      for await (const chunk of chunks(found.content ?? again ?? entry, polynomial)) {
        await blobs.add(chunk, LEVEL, content.reserve())
      }
    } catch (error) {
      throwIfCancelled(this.#meter.signal)
      if (again?.failure !== undefined) {
        return again.failure.kind === 'changed' ? CHANGED : again.failure.why
      }
      throw error
    }
    const { bytes, sha256 } = found
    content.whenKnown(await trees.file(path, { bytes, modifiedMs: modifiedMs ?? 0 }))
    this.#list.add({ path, bytes, sha256, ...(modifiedMs === undefined ? {} : { modifiedMs }) })
    return undefined
  }
}

const CHANGED = 'it kept changing while it was read'

async function* chunks(content: Content, polynomial: Polynomial): AsyncIterable<Uint8Array> {
  if (content.bytes > WHOLE_BYTES) {
    yield* chunksOf(await content.open(), polynomial)
  } else if (content.bytes > 0) {
    yield await readAll(await content.open())
  }
}

/** Whether a path may be one of an image in a vault. */
function isImagePath(path: string): boolean {
  return path.startsWith(IMAGES_PREFIX) && isEntryPath(path)
}
