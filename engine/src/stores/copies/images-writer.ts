import type { Key } from '../../destinations/destination.ts'
import type { ImagesMark } from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import { type Entry, isEntryPath } from '../../snapshot/entry.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { hasCode } from '../has-code.ts'
import { encodeImagesList, imagesMark, type ListedImage } from '../images-list.ts'
import { LeftOutImages } from '../left-out-images.ts'
import type { Meter } from '../meter.ts'
import {
  type ChangedImage,
  IMAGE_ATTEMPTS,
  ImageAgain,
  type ReadImage,
  readImage,
  type UnreadableImage,
} from '../read-image.ts'
import { readObject } from '../read-object.ts'
import type { StorePlace } from '../store-place.ts'
import { writeChecked } from '../write-checked.ts'
import { imageKey, LIST_FILE_BYTES, listKey } from './images-list.ts'

/** Meters of the two steps that bytes pass through. */
export interface Meters {
  readonly write: Meter
  readonly readBack: Meter
}

/**
 * Stores the images of one backup. Equal bytes are stored once for all backups. An image that can't be read is
 * noted and left out: it must not keep the database from being saved.
 */
export class ImagesWriter {
  readonly #place: StorePlace
  readonly #meters: Meters
  readonly #listed: Map<string, ListedImage> = new Map()
  readonly #leftOut = new LeftOutImages()

  constructor(place: StorePlace, meters: Meters) {
    this.#place = place
    this.#meters = meters
  }

  /** What is missing from the backup, as sentences. */
  get problems(): readonly string[] {
    return this.#leftOut.problems
  }

  async add(entry: Entry): Promise<void> {
    if (!isEntryPath(entry.path) || this.#listed.has(entry.path)) {
      this.#leftOut.add(entry.path, 'its path cannot be stored')
      return
    }
    for (let attempt = 1; attempt <= IMAGE_ATTEMPTS; attempt++) {
      const outcome = await this.#tryToStore(entry)
      if (outcome.kind === 'stored') {
        this.#listed.set(entry.path, outcome.image)
        return
      }
      if (outcome.kind === 'unreadable') {
        this.#leftOut.add(entry.path, outcome.why)
        return
      }
    }
    this.#leftOut.add(entry.path, 'it kept changing while it was read')
  }

  /** Stores the list. Undefined when there are no images: then a restore leaves those of the shop alone. */
  async finish(): Promise<ImagesMark | undefined> {
    const images = [...this.#listed.values()]
    const mark = imagesMark(images)
    if (mark !== undefined) {
      await this.#storeList(encodeImagesList(images), mark.list)
    }
    return mark
  }

  async #tryToStore(entry: Entry): Promise<Outcome> {
    const pass = await readImage(entry, this.#meters.write)
    if (pass.kind === 'unreadable') {
      return pass
    }
    const key = await this.#store(entry, pass)
    if (typeof key !== 'string') {
      return key
    }
    const { sha256, bytes } = pass
    return {
      kind: 'stored',
      image: {
        path: entry.path,
        bytes,
        sha256,
        ...(key === imageKey({ path: entry.path, sha256 }) ? {} : { key }),
        ...(entry.modifiedMs === undefined ? {} : { modifiedMs: entry.modifiedMs }),
      },
    }
  }

  /** The key where the image lies now, from the folder of the workspace on. */
  async #store(entry: Entry, pass: ReadImage): Promise<Key | ChangedImage | UnreadableImage> {
    const { destination, workspace } = this.#place
    for (let attempt = 1; ; attempt++) {
      const key = imageKey({ path: entry.path, sha256: pass.sha256 }, attempt)
      const bytes = await destination.size(`${workspace}/${key}`)
      if (bytes === pass.bytes) {
        return key
      }
      const outcome = bytes === undefined ? await this.#write(`${workspace}/${key}`, entry, pass) : 'spoilt'
      if (outcome === 'written') {
        return key
      }
      if (outcome !== 'spoilt') {
        return outcome
      }
    }
  }

  async #write(
    key: Key,
    entry: Entry,
    pass: ReadImage,
  ): Promise<'written' | 'spoilt' | ChangedImage | UnreadableImage> {
    const second = pass.content ?? new ImageAgain(entry, pass)
    try {
      await writeChecked(this.#place.destination, key, second, pass.sha256, this.#meters.readBack)
      return 'written'
    } catch (error) {
      throwIfCancelled(this.#meters.write.signal)
      if (second instanceof ImageAgain && second.failure !== undefined) {
        return second.failure
      }
      if (hasCode(error, 'destination.name-taken')) {
        return 'spoilt'
      }
      throw error
    }
  }

  async #storeList(file: Buffer, sha256: string): Promise<void> {
    const { destination, workspace } = this.#place
    for (let attempt = 1; ; attempt++) {
      const key = `${workspace}/${listKey(sha256, attempt)}`
      if ((await destination.size(key)) === undefined) {
        await writeChecked(destination, key, bytesContent(file), sha256, this.#meters.readBack)
        return
      }
      if (await this.#holds(key, file)) {
        return
      }
    }
  }

  /** A list that cannot be read is spoilt: another place is taken. */
  async #holds(key: Key, file: Buffer): Promise<boolean> {
    try {
      return file.equals(await readObject(this.#place.destination, key, LIST_FILE_BYTES))
    } catch (error) {
      if (hasCode(error, 'destination.failed', 'backup.damaged', 'object.missing')) {
        return false
      }
      throw error
    }
  }
}

type Outcome = { readonly kind: 'stored'; readonly image: ListedImage } | ChangedImage | UnreadableImage
