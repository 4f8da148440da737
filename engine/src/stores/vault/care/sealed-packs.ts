import type { BlobType, PackedBlob } from '../format/blob.ts'
import type { Sealer } from '../format/seal.ts'
import type { FinishedPack } from '../pool/finished-pack.ts'
import { finishPack } from '../pool/pack-builder.ts'
import { PACK_BYTES } from '../pool/vault-task.ts'

/** Puts blobs into new packs as they are, sealed: where a blob lies is no part of its seal. */
export class SealedPacks {
  readonly #sealer: Sealer
  readonly #open: Record<BlobType, OpenPack> = { data: newPack(), tree: newPack() }

  constructor(sealer: Sealer) {
    this.#sealer = sealer
  }

  /** Takes a copy of the bytes; gives the pack when that has filled it. */
  add(blob: PackedBlob, sealed: Uint8Array): FinishedPack | undefined {
    const pack = this.#open[blob.type]
    pack.blobs.push({ ...blob, id: Buffer.from(blob.id), offset: pack.filled })
    pack.parts.push(sealed.slice())
    pack.filled += sealed.byteLength
    return pack.filled >= PACK_BYTES ? this.#finish(blob.type) : undefined
  }

  /** What is in the packs in work. */
  rest(): FinishedPack[] {
    return (['data', 'tree'] as const).filter((type) => this.#open[type].filled > 0).map((type) => this.#finish(type))
  }

  #finish(type: BlobType): FinishedPack {
    const { parts, blobs, filled } = this.#open[type]
    this.#open[type] = newPack()
    const bytes = new Uint8Array(filled)
    let position = 0
    for (const part of parts) {
      bytes.set(part, position)
      position += part.byteLength
    }
    return finishPack({ bytes, blobs }, this.#sealer)
  }
}

interface OpenPack {
  readonly parts: Uint8Array[]
  readonly blobs: PackedBlob[]
  filled: number
}

function newPack(): OpenPack {
  return { parts: [], blobs: [], filled: 0 }
}
