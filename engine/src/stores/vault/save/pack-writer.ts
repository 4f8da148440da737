import type { TillsafeError } from '../../../model/index.ts'
import { bytesContent } from '../../../snapshot/bytes-content.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import { hasCode } from '../../has-code.ts'
import type { Meter } from '../../meter.ts'
import { readBack } from '../../write-checked.ts'
import { blobsOf } from '../format/blob-columns.ts'
import type { IndexedPack } from '../format/index-file.ts'
import type { FinishedPack } from '../pool/finished-pack.ts'
import { PACK_BYTES } from '../pool/vault-task.ts'
import type { Repository } from '../repository/repository.ts'

/** An index is written after so many bytes of packs: what a cut leaves behind it is found again. */
const INDEX_EVERY_BYTES = 256 * 1024 * 1024
/** Fewer than restic's 50,000: the text of an index is a lot of memory at once. */
const INDEX_EVERY_BLOBS = 16_384
const PACKS_AT_ONCE = 2

/** Writes packs, reads them back, and names them in index files: never before they last. */
export class PackWriter {
  readonly #repository: Repository
  readonly #meter: Meter
  #unnamed: Pick<FinishedPack, 'id' | 'blobs'>[] = []
  #unnamedBytes = 0
  #unnamedBlobs = 0
  readonly #spares: ArrayBuffer[] = []
  readonly #writing = new Set<Promise<void>>()
  #indexing: Promise<void> = Promise.resolve()
  #writtenBytes = 0

  constructor(repository: Repository, meter: Meter) {
    this.#repository = repository
    this.#meter = meter
  }

  /** Bytes that were written, packs alone. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Memory of a pack that has been written. */
  takeSpare(): ArrayBuffer | undefined {
    return this.#spares.pop()
  }

  async write(pack: FinishedPack): Promise<void> {
    while (this.#writing.size >= PACKS_AT_ONCE) {
      await Promise.race(this.#writing)
    }
    throwIfCancelled(this.#meter.signal)
    const writing = this.#write(pack)
    const settled = writing.catch(() => undefined).finally(() => this.#writing.delete(settled))
    this.#writing.add(settled)
    await writing
  }

  /** Names what has been written. After a failure too: then the next backup finds those blobs. */
  async writeIndex(): Promise<void> {
    await Promise.all(this.#writing)
    await this.#nameAll()
  }

  async #write({ id, bytes, blobs }: FinishedPack): Promise<void> {
    const { files } = this.#repository
    const key = files.keyOf('data', id)
    await files.destination.write(key, bytesContent(bytes)).catch((error: TillsafeError) => {
      if (!hasCode(error, 'destination.name-taken')) {
        throw error
      }
    })
    try {
      await readBack(files.destination, key, id, this.#meter)
    } catch (error) {
      await files.remove('data', id).catch(() => undefined)
      throw error
    }
    this.#unnamed.push({ id, blobs })
    this.#unnamedBytes += bytes.byteLength
    this.#writtenBytes += bytes.byteLength
    this.#unnamedBlobs += blobs.trees.length
    if (bytes.buffer.byteLength > PACK_BYTES && this.#spares.length < PACKS_AT_ONCE) {
      this.#spares.push(bytes.buffer)
    }
    if (this.#unnamedBytes >= INDEX_EVERY_BYTES || this.#unnamedBlobs >= INDEX_EVERY_BLOBS) {
      await this.#nameAll()
    }
  }

  async #nameAll(): Promise<void> {
    this.#indexing = this.#indexing.then(async () => {
      const packs = this.#unnamed
      this.#unnamed = []
      this.#unnamedBytes = 0
      this.#unnamedBlobs = 0
      if (packs.length > 0) {
        await this.#repository.writeIndex(indexed(packs))
      }
    })
    await this.#indexing
  }
}

/** As objects one pack after the other: all at once they would be the most that a backup keeps in memory. */
function* indexed(packs: readonly Pick<FinishedPack, 'id' | 'blobs'>[]): Iterable<IndexedPack> {
  for (const { id, blobs } of packs) {
    yield { id, blobs: blobsOf(blobs) }
  }
}
