import type { PackedBlob } from '../format/blob.ts'
import { blobsOf } from '../format/blob-columns.ts'
import { ID_BYTES } from '../format/blob-id.ts'
import { finishPack } from '../pool/pack-builder.ts'
import { PACK_BYTES, type SentRest, type Stored } from '../pool/vault-task.ts'
import type { VaultWorker, VaultWorkers } from '../pool/vault-workers.ts'
import type { Repository } from '../repository/repository.ts'
import type { PackWriter } from './pack-writer.ts'

/** Told the id of a blob once it has been hashed. The id is a view: whoever keeps it copies it. */
export type OnId = (id: Buffer) => void

const BATCH_BYTES = 1024 * 1024
/** Batches that wait at each thread: one in work, one behind it. */
const BATCHES_EACH = 2

/**
 * Stores data blobs. Pieces go to the threads in batches; what is full comes back as packs. Blobs that are stored already
 * cost a hash. Memory is bounded: `add` waits while the threads and the disk are behind.
 */
export class BlobWriter {
  readonly #repository: Repository
  readonly #workers: VaultWorkers
  readonly #packs: PackWriter
  #batch: Batch = newBatch(undefined)
  readonly #returned: ArrayBuffer[] = []
  readonly #underWay = new Set<Promise<void>>()
  #failure: unknown

  constructor(repository: Repository, workers: VaultWorkers, packs: PackWriter) {
    this.#repository = repository
    this.#workers = workers
    this.#packs = packs
  }

  /** Takes a copy of the bytes. A blob of level 0 is not compressed. */
  async add(plain: Uint8Array, level: number, onId: OnId): Promise<void> {
    if (this.#batch.filled + plain.byteLength > this.#batch.bytes.byteLength) {
      await this.#send()
      if (plain.byteLength > this.#batch.bytes.byteLength) {
        this.#batch = newBatch(new ArrayBuffer(plain.byteLength))
      }
    }
    this.#batch.bytes.set(plain, this.#batch.filled)
    this.#batch.filled += plain.byteLength
    this.#batch.lengths.push(plain.byteLength)
    this.#batch.levels.push(level)
    this.#batch.onIds.push(onId)
  }

  /** Settles when nothing is being stored any more, also after a failure. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Settles when every id has been told. */
  async flush(): Promise<void> {
    await this.#send()
    await this.settle()
    this.#throwFailure()
  }

  /** Stores what is in the packs in work. */
  async finish(): Promise<void> {
    await this.flush()
    const rests: SentRest[] = []
    for (const worker of this.#workers.workers) {
      rests.push(await worker.run({ kind: 'finish' }, []))
    }
    for (const rest of joined(rests)) {
      await this.#packs.write(finishPack(rest, this.#repository.sealer))
    }
  }

  async #send(): Promise<void> {
    this.#throwFailure()
    const batch = this.#batch
    if (batch.lengths.length === 0) {
      return
    }
    this.#batch = newBatch(this.#returned.pop())
    const sent = this.#store(this.#workers.leastBusy(), batch)
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => this.#underWay.delete(sent))
    this.#underWay.add(sent)
    if (this.#underWay.size >= BATCHES_EACH * this.#workers.workers.length) {
      await Promise.race(this.#underWay)
    }
  }

  async #store(worker: VaultWorker, { bytes, filled, lengths, levels, onIds }: Batch): Promise<void> {
    const spare = this.#packs.takeSpare()
    const pieces = {
      bytes: bytes.subarray(0, filled),
      lengths: Uint32Array.from(lengths),
      levels: Uint8Array.from(levels),
    }
    const stored = await worker.run({ kind: 'store', ...pieces, spare }, [
      bytes.buffer,
      ...(spare === undefined ? [] : [spare]),
    ])
    this.#take(stored, onIds)
    for (const pack of stored.packs) {
      await this.#packs.write(pack)
    }
  }

  #take({ ids, returned }: Stored, onIds: readonly OnId[]): void {
    const all = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)
    for (const [index, onId] of onIds.entries()) {
      onId(all.subarray(index * ID_BYTES, (index + 1) * ID_BYTES))
    }
    if (returned.byteLength === BATCH_BYTES) {
      this.#returned.push(returned)
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) {
      throw this.#failure
    }
  }
}

interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>
  filled: number
  readonly lengths: number[]
  readonly levels: number[]
  readonly onIds: OnId[]
}

function newBatch(memory: ArrayBuffer | undefined): Batch {
  return {
    bytes: new Uint8Array(memory ?? new ArrayBuffer(BATCH_BYTES)),
    filled: 0,
    lengths: [],
    levels: [],
    onIds: [],
  }
}

/** What the threads have left, as few packs as that makes. */
function* joined(rests: readonly SentRest[]): Iterable<{ bytes: Uint8Array<ArrayBuffer>; blobs: PackedBlob[] }> {
  let parts: Uint8Array[] = []
  let blobs: PackedBlob[] = []
  let filled = 0
  for (const rest of rests) {
    for (const blob of blobsOf(rest.blobs)) {
      blobs.push({ ...blob, offset: filled + blob.offset })
    }
    parts.push(rest.bytes)
    filled += rest.bytes.byteLength
    if (filled >= PACK_BYTES) {
      yield { bytes: concat(parts), blobs }
      parts = []
      blobs = []
      filled = 0
    }
  }
  if (blobs.length > 0) {
    yield { bytes: concat(parts), blobs }
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.byteLength
  }
  return whole
}
