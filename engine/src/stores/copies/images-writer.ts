import type { Key } from '../../destinations/destination.ts'
import type { ImagesMark } from '../../model/index.ts'
import { type Entry, isEntryPath } from '../../snapshot/entry.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { hasCode } from '../has-code.ts'
import { ImagesList, type ListedImage } from '../images-list.ts'
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
import type { StorePlace } from '../store-place.ts'
import { writeChecked } from '../write-checked.ts'
import { isList } from './find-images.ts'
import { imageKey, LIST_FILE_BYTES, listKey } from './images-list.ts'

/** Meters of the two steps that bytes pass through. */
export interface Meters {
  readonly write: Meter
  readonly readBack: Meter
}

/**
 * Stores the images of one backup, which come in order of path. Equal bytes are stored once for all backups. An image
 * that can't be read is noted and left out: it must not keep the database from being saved.
 */
export class ImagesWriter {
  readonly #place: StorePlace
  readonly #meters: Meters
  readonly #file = new GrowingBytes('the list of images', LIST_FILE_BYTES)
  readonly #list = new ImagesList((piece) => this.#file.add(piece))
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
    if (!isEntryPath(entry.path)) {
      this.#leftOut.add(entry.path, 'its path cannot be stored')
      return
    }
    for (let attempt = 1; attempt <= IMAGE_ATTEMPTS; attempt++) {
      const outcome = await this.#tryToStore(entry)
      if (outcome.kind === 'stored') {
        this.#list.add(outcome.image)
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
    const mark = this.#list.finish()
    if (mark !== undefined) {
      await this.#storeList(mark.list)
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

  /** A list that is there already and cannot be read is spoilt: another place is taken. */
  async #storeList(sha256: string): Promise<void> {
    const { destination, workspace } = this.#place
    for (let attempt = 1; ; attempt++) {
      const key = `${workspace}/${listKey(sha256, attempt)}`
      if ((await destination.size(key)) === undefined) {
        await writeChecked(destination, key, this.#file.content, sha256, this.#meters.readBack)
        return
      }
      if (await isList(this.#place, key, sha256)) {
        return
      }
    }
  }
}

type Outcome = { readonly kind: 'stored'; readonly image: ListedImage } | ChangedImage | UnreadableImage
