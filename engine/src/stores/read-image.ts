import { createHash } from 'node:crypto'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { Content } from '../snapshot/content.ts'
import type { Entry } from '../snapshot/entry.ts'
import { throwIfCancelled } from '../work/cancel.ts'
import { sha256Of, sha256OfBytes } from '../work/sha256.ts'
import type { Meter } from './meter.ts'

/** An image up to this size is read once, into memory; a larger one is read twice. */
const SMALL_BYTES = 16 * 1024 * 1024

/** How often an image that changes while it is read is tried. */
export const IMAGE_ATTEMPTS = 3

/** What an image holds, as the first reading found it. */
export interface ReadImage {
  readonly kind: 'read'
  readonly sha256: string
  readonly bytes: number
  /** The bytes, when they fit in memory. */
  readonly content: Content | undefined
}

export interface ChangedImage {
  readonly kind: 'changed'
}

export interface UnreadableImage {
  readonly kind: 'unreadable'
  readonly why: string
}

/** Finds out what an image holds. One that can't be read is no error: it must not keep the database from being saved. */
export async function readImage(entry: Entry, meter: Meter): Promise<ReadImage | UnreadableImage> {
  try {
    const stream = meter.pass(await entry.open())
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
    throwIfCancelled(meter.signal)
    return { kind: 'unreadable', why: messageOf(error) }
  }
}

/** A large image once more, which must be what it was when it was read first. */
export class ImageAgain implements Content {
  readonly bytes: number
  readonly #entry: Entry
  readonly #sha256: string
  #failure: ChangedImage | UnreadableImage | undefined

  constructor(entry: Entry, { bytes, sha256 }: ReadImage) {
    this.bytes = bytes
    this.#entry = entry
    this.#sha256 = sha256
  }

  /** Why it could not be written, when that is the image's fault. */
  get failure(): ChangedImage | UnreadableImage | undefined {
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
