import { hash } from 'node:crypto'
import type { BlobType, PackedBlob } from '../format/blob.ts'
import { columnsOf } from '../format/blob-columns.ts'
import { chooseZstd } from '../format/choose-zstd.ts'
import { packEnd, packEndBytes } from '../format/pack.ts'
import { SEAL_BYTES, type Sealer } from '../format/seal.ts'
import { ManySealer, SEALED_FROM, type SealedPlaces } from '../format/seal-many.ts'
import type { ZstdFrames } from '../format/zstd-frames.ts'
import type { FinishedPack } from './finished-pack.ts'
import { PACK_BYTES } from './vault-task.ts'

/** A pack without its end. */
export interface Rest {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly blobs: readonly PackedBlob[]
}

/** Builds one pack after the other. A blob lies compressed only where that makes it smaller. The blobs of a pack are sealed together. */
export class PackBuilder {
  readonly #sealer: Sealer
  readonly #many: ManySealer
  readonly #zstd: ZstdFrames
  readonly #type: BlobType
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0)
  #filled = 0
  #blobs: PackedBlob[] = []
  readonly #spares: ArrayBuffer[] = []

  constructor(sealer: Sealer, type: BlobType, zstd: ZstdFrames = chooseZstd()) {
    this.#sealer = sealer
    this.#many = new ManySealer(sealer.key)
    this.#type = type
    this.#zstd = zstd
  }

  /** Takes memory back that an earlier pack was handed out in. */
  reuse(spare: ArrayBuffer): void {
    this.#spares.push(spare)
  }

  /** Adds a blob; gives the pack when that has filled it. One of level 0 is not compressed. */
  add(id: Buffer, plain: Uint8Array, level: number): FinishedPack | undefined {
    const frame = level === 0 || plain.byteLength === 0 ? undefined : this.#zstd.compress(plain, level)
    const stored = frame ?? plain
    const length = stored.byteLength + SEAL_BYTES
    this.#makeRoom(length)
    this.#bytes.set(stored, this.#filled + SEALED_FROM)
    const uncompressedLength = frame === undefined ? undefined : plain.byteLength
    this.#blobs.push({ id, type: this.#type, offset: this.#filled, length, uncompressedLength })
    this.#filled += length
    return this.#filled >= PACK_BYTES ? finishPack(this.rest(), this.#sealer) : undefined
  }

  /** What is in the pack in work; the next begins. */
  rest(): Rest {
    const rest = { bytes: this.#bytes.subarray(0, this.#filled), blobs: this.#blobs }
    this.#many.seal(rest.bytes, placesOf(rest.blobs))
    this.#bytes = Buffer.alloc(0)
    this.#filled = 0
    this.#blobs = []
    return rest
  }

  /** Room for the blob, and for the end of the pack. */
  #makeRoom(bytes: number): void {
    const needed = this.#filled + bytes + packEndBytes(this.#blobs.length + 1)
    if (needed <= this.#bytes.byteLength) {
      return
    }
    const spare = this.#spares.pop()
    const room = Math.max(needed, ROOM_BYTES, 2 * this.#filled)
    const larger =
      spare !== undefined && spare.byteLength >= needed ? Buffer.from(spare) : Buffer.from(new ArrayBuffer(room))
    this.#bytes.copy(larger, 0, 0, this.#filled)
    this.#bytes = larger
  }
}

/** A pack rarely needs more. */
const ROOM_BYTES = PACK_BYTES + 512 * 1024

/** Ends a pack in the memory that it was built in, where there is room for that. */
export function finishPack({ bytes, blobs }: Rest, sealer: Sealer): FinishedPack {
  const end = packEnd(blobs, sealer)
  const whole = withRoom(bytes, end.byteLength)
  whole.set(end, bytes.byteLength)
  return { id: hash('sha256', whole, 'hex'), bytes: whole, blobs: columnsOf(blobs) }
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, more: number): Uint8Array<ArrayBuffer> {
  const length = bytes.byteLength + more
  if (bytes.byteOffset + length <= bytes.buffer.byteLength) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
  }
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}

function placesOf(blobs: readonly PackedBlob[]): SealedPlaces {
  return {
    offsets: Uint32Array.from(blobs, ({ offset }) => offset),
    lengths: Uint32Array.from(blobs, ({ length }) => length),
  }
}
