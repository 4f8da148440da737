import { createHash } from 'node:crypto'
import type { Key } from '../../destinations/destination.ts'
import type { ImagesMark } from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import { type Entry, isEntryPath } from '../../snapshot/entry.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import { sha256Of, sha256OfBytes } from '../../work/sha256.ts'
import { hasCode } from '../has-code.ts'
import type { CopiesPlace } from './copies-place.ts'
import { encodeImagesList, imageKey, LIST_FILE_BYTES, type ListedImage, listKey } from './images-list.ts'
import type { Meter } from './meter.ts'
import { readObject } from './read-object.ts'
import { writeChecked } from './write-checked.ts'

/** An image up to this size is read once, into memory; a larger one is read twice. */
const SMALL_BYTES = 16 * 1024 * 1024
const ATTEMPTS = 3
const MOST_PROBLEMS = 50

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
  readonly #place: CopiesPlace
  readonly #meters: Meters
  readonly #listed: Map<string, ListedImage> = new Map()
  readonly #problems: string[] = []

  constructor(place: CopiesPlace, meters: Meters) {
    this.#place = place
    this.#meters = meters
  }

  /** What is missing from the backup, as sentences. */
  get problems(): readonly string[] {
    const more = this.#problems.length - MOST_PROBLEMS
    return more > 0
      ? [...this.#problems.slice(0, MOST_PROBLEMS), `${more} more images are not in this backup`]
      : this.#problems
  }

  async add(entry: Entry): Promise<void> {
    if (!isEntryPath(entry.path) || this.#listed.has(entry.path)) {
      this.#leaveOut(entry, 'its path cannot be stored')
      return
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const outcome = await this.#tryToStore(entry)
      if (outcome.kind === 'stored') {
        this.#listed.set(entry.path, outcome.image)
        return
      }
      if (outcome.kind === 'unreadable') {
        this.#leaveOut(entry, outcome.why)
        return
      }
    }
    this.#leaveOut(entry, 'it kept changing while it was read')
  }

  /** Stores the list. Undefined when there are no images: then a restore leaves those of the shop alone. */
  async finish(): Promise<ImagesMark | undefined> {
    const images = [...this.#listed.values()]
    if (images.length === 0) {
      return undefined
    }
    const file = encodeImagesList(images)
    const list = sha256OfBytes(file)
    await this.#storeList(file, list)
    return { count: images.length, bytes: images.reduce((sum, image) => sum + image.bytes, 0), list }
  }

  #leaveOut(entry: Entry, why: string): void {
    this.#problems.push(`image ${entry.path} is not in this backup: ${why}`)
  }

  async #tryToStore(entry: Entry): Promise<Outcome> {
    const pass = await this.#firstPass(entry)
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

  /** Finds out what the image holds. */
  async #firstPass(entry: Entry): Promise<FirstPass | Unreadable> {
    const { write } = this.#meters
    try {
      const stream = write.pass(await entry.open())
      if (entry.bytes <= SMALL_BYTES) {
        const content = await readSmall(stream)
        return {
          kind: 'read',
          sha256: sha256OfBytes(content),
          bytes: content.byteLength,
          content: bytesContent(content),
        }
      }
      return { kind: 'read', ...(await sha256Of(stream)), content: undefined }
    } catch (error) {
      throwIfCancelled(write.signal)
      return { kind: 'unreadable', why: messageOf(error) }
    }
  }

  /** The key where the image lies now, from the folder of the workspace on. */
  async #store(entry: Entry, pass: FirstPass): Promise<Key | Changed | Unreadable> {
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

  async #write(key: Key, entry: Entry, pass: FirstPass): Promise<'written' | 'spoilt' | Changed | Unreadable> {
    const second = pass.content ?? new SecondPass(entry, pass)
    try {
      await writeChecked(this.#place.destination, key, second, pass.sha256, this.#meters.readBack)
      return 'written'
    } catch (error) {
      throwIfCancelled(this.#meters.write.signal)
      if (second instanceof SecondPass && second.failure !== undefined) {
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

interface FirstPass {
  readonly kind: 'read'
  readonly sha256: string
  readonly bytes: number
  /** The bytes, when they fit in memory. */
  readonly content: Content | undefined
}

interface Changed {
  readonly kind: 'changed'
}

interface Unreadable {
  readonly kind: 'unreadable'
  readonly why: string
}

type Outcome = { readonly kind: 'stored'; readonly image: ListedImage } | Changed | Unreadable

/** A large image once more, which must be what it was in the first pass. */
class SecondPass implements Content {
  readonly bytes: number
  readonly #entry: Entry
  readonly #sha256: string
  #failure: Changed | Unreadable | undefined

  constructor(entry: Entry, { bytes, sha256 }: FirstPass) {
    this.bytes = bytes
    this.#entry = entry
    this.#sha256 = sha256
  }

  /** Why it could not be written, when that is the image's fault. */
  get failure(): Changed | Unreadable | undefined {
    return this.#failure
  }

  async open(): Promise<AsyncIterable<Uint8Array>> {
    return this.#compared()
  }

  async *#compared(): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of this.#entryBytes()) {
      hash.update(chunk)
      bytes += chunk.byteLength
      if (bytes > this.bytes) {
        break
      }
      yield chunk
    }
    if (bytes !== this.bytes || hash.digest('hex') !== this.#sha256) {
      this.#failure = { kind: 'changed' }
      throw new Error('the image changed while it was read')
    }
  }

  async *#entryBytes(): AsyncIterable<Uint8Array> {
    try {
      yield* await this.#entry.open()
    } catch (error) {
      this.#failure = { kind: 'unreadable', why: messageOf(error) }
      throw error
    }
  }
}

async function readSmall(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.byteLength
    if (bytes > SMALL_BYTES) {
      throw new Error('it grew while it was read')
    }
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks, bytes)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
