import { TillsafeError } from '../model/index.ts'
import { readAll } from '../snapshot/bytes-content.ts'
import type { Content, Range } from '../snapshot/content.ts'
import type { Destination, Key } from './destination.ts'
import { checkKey } from './key.ts'
import { ContentFailure, wholeContent } from './whole-content.ts'

const CHUNK_BYTES = 1024 * 1024

/** A destination in memory, gone with its process: for tests and for looking at what a store writes. */
export class MemoryDestination implements Destination {
  /** What is stored. Changing it is how a test damages a destination. */
  readonly objects: Map<Key, Uint8Array> = new Map()

  async write(key: Key, content: Content): Promise<void> {
    checkKey(key)
    const bytes = await readAll(wholeContent(key, content)).catch((error: unknown) => {
      throw error instanceof ContentFailure ? error.cause : error
    })
    if (this.objects.has(key)) {
      throw new TillsafeError('destination.name-taken', `${key} exists already`)
    }
    this.objects.set(key, bytes)
  }

  async read(key: Key, range?: Range): Promise<AsyncIterable<Uint8Array>> {
    checkKey(key)
    const bytes = this.objects.get(key)
    if (bytes === undefined) {
      throw new TillsafeError('object.missing', `there is no ${key}`)
    }
    return inChunks(bytes.subarray(range?.start ?? 0, range?.end ?? bytes.byteLength))
  }

  async size(key: Key): Promise<number | undefined> {
    checkKey(key)
    return this.objects.get(key)?.byteLength
  }

  async *list(prefix: string): AsyncIterable<Key> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  async remove(key: Key): Promise<void> {
    checkKey(key)
    this.objects.delete(key)
  }

  /** Nothing to do: what was cut is gone. */
  async sweep(): Promise<void> {}
}

async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES)
  }
}
