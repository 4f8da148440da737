import { hash } from 'node:crypto'
import { ID_BYTES } from './blob-id.ts'
import { chooseZstd } from './choose-zstd.ts'
import { openBlob } from './open-blob.ts'
import { SealBroken, Sealer, type VaultKey } from './seal.ts'
import { ManySealer, type SealedPlaces } from './seal-many.ts'
import type { ZstdFrames } from './zstd-frames.ts'

/** Blobs as they lie in a part of a pack. */
export interface SealedBlobs extends SealedPlaces {
  /** 32 bytes each. */
  readonly ids: Uint8Array
  /** 0 for a blob that lies uncompressed. */
  readonly plainLengths: Uint32Array
}

/** Where the plain bytes of a blob belong; undefined where nobody keeps them. */
export type RoomOf = (blob: number, plainBytes: number) => Buffer | undefined

/** Room for a longer blob is not kept. */
const KEPT_BYTES = 1024 * 1024

/** Opens blobs one after the other, each as `openBlob` would. */
export class BlobsOpener {
  readonly #alone: Sealer
  readonly #many: ManySealer
  readonly #zstd: ZstdFrames
  #room: Buffer = Buffer.alloc(0)

  constructor(key: VaultKey, zstd: ZstdFrames = chooseZstd()) {
    this.#alone = new Sealer(key)
    this.#many = new ManySealer(key)
    this.#zstd = zstd
  }

  /**
   * The plain bytes of each blob, or why it is damaged. Compressed ones that are whole lie where there is room for them. What it
   * gives is valid until the next is asked for.
   */
  *open(sealed: Uint8Array, blobs: SealedBlobs, roomOf: RoomOf): Iterable<Buffer | SealBroken> {
    let blob = 0
    for (const opened of this.#many.open(sealed, blobs)) {
      yield this.#whole(opened, blobs, blob, roomOf) ?? this.#judged(sealed, blobs, blob)
      blob += 1
    }
  }

  /** Undefined when anything does not fit. */
  #whole(opened: Buffer | undefined, blobs: SealedBlobs, blob: number, roomOf: RoomOf): Buffer | undefined {
    const plainBytes = blobs.plainLengths[blob] ?? 0
    const plain = plainBytes === 0 ? opened : this.#decompressed(opened, plainBytes, roomOf(blob, plainBytes))
    return plain !== undefined && hash('sha256', plain, 'binary') === idText(blobs, blob) ? plain : undefined
  }

  #decompressed(frame: Buffer | undefined, plainBytes: number, room: Buffer | undefined): Buffer | undefined {
    const plain = room ?? this.#roomFor(plainBytes)
    return frame !== undefined && this.#zstd.decompress(frame, plain) ? plain : undefined
  }

  #roomFor(bytes: number): Buffer {
    const room = this.#room.byteLength >= bytes ? this.#room : Buffer.allocUnsafeSlow(bytes)
    this.#room = room.byteLength <= KEPT_BYTES ? room : this.#room
    return room.subarray(0, bytes)
  }

  #judged(sealed: Uint8Array, { ids, offsets, lengths, plainLengths }: SealedBlobs, blob: number): Buffer | SealBroken {
    const [offset = 0, length = 0, plainBytes = 0] = [offsets[blob], lengths[blob], plainLengths[blob]]
    const id = Buffer.from(ids.subarray(blob * ID_BYTES, (blob + 1) * ID_BYTES))
    const uncompressedLength = plainBytes === 0 ? undefined : plainBytes
    try {
      return openBlob(sealed.subarray(offset, offset + length), { id, length, uncompressedLength }, this.#alone)
    } catch (error) {
      if (error instanceof SealBroken) {
        return error
      }
      throw error
    }
  }
}

/** As `hash` gives it. */
function idText({ ids }: SealedBlobs, blob: number): string {
  return Buffer.from(ids.buffer, ids.byteOffset + blob * ID_BYTES, ID_BYTES).toString('latin1')
}
