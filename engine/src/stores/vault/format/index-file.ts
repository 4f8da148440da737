import type { PackedBlob } from './blob.ts'
import { blobsOf, columnsOf, sliceColumns } from './blob-columns.ts'
import { ID_BYTES } from './blob-id.ts'
import { type IndexColumns, readIndexText } from './index-text.ts'
import { isObject, parseJson } from './json.ts'

/** A pack and what lies in it, as an index tells. */
export interface IndexedPack {
  /** Its name: the SHA-256 of its bytes, hexadecimal. */
  readonly id: string
  readonly blobs: readonly PackedBlob[]
}

/** restic begins a new index after so many blobs. */
export const INDEX_BLOBS = 50_000

/** An index as JSON. Source: restic, Design, "Indexing". */
export function encodeIndex(packs: Iterable<IndexedPack>): Buffer {
  const parts: Buffer[] = [] // pack by pack: as one text it would take several times its memory
  for (const pack of packs) {
    parts.push(Buffer.from(`${parts.length === 0 ? BEGIN : ','}${JSON.stringify(packJson(pack))}`))
  }
  return Buffer.concat([...parts, Buffer.from(parts.length === 0 ? `${BEGIN}]}` : ']}')])
}

const BEGIN = '{"packs":['

/** What an index says. Error: `IndexBroken`. */
export function decodeIndex(bytes: Uint8Array): IndexColumns {
  return readIndexText(bytes) ?? columnsOfPacks([...decodeJson(bytes)])
}

/** The packs of an index, one by one. */
export function* packsOf({ packs, starts, blobs }: IndexColumns): Iterable<IndexedPack> {
  for (const [number, id] of packs.entries()) {
    yield { id, blobs: blobsOf(sliceColumns(blobs, starts[number] ?? 0, starts[number + 1] ?? blobs.trees.length)) }
  }
}

function columnsOfPacks(packs: readonly IndexedPack[]): IndexColumns {
  const starts: number[] = []
  let blobs = 0
  for (const pack of packs) {
    starts.push(blobs)
    blobs += pack.blobs.length
  }
  return { packs: packs.map(({ id }) => id), starts, blobs: columnsOf(packs.flatMap((pack) => pack.blobs)) }
}

function* decodeJson(bytes: Uint8Array): Iterable<IndexedPack> {
  const parsed = parse(bytes)
  // Before format 1 was settled an index was a bare list.
  const packs = Array.isArray(parsed) ? parsed : isObject(parsed) ? (parsed['packs'] ?? []) : undefined
  if (!Array.isArray(packs)) {
    throw new IndexBroken('it has no packs')
  }
  for (const pack of packs) {
    if (!isObject(pack) || !isHexId(pack['id']) || !Array.isArray(pack['blobs'])) {
      throw new IndexBroken('it has a pack that is none')
    }
    yield { id: pack['id'], blobs: pack['blobs'].map(decodeBlob) }
  }
}

/** An index that was sealed with the right key, and is none. */
export class IndexBroken extends Error {}

/** Whether a text is a SHA-256 in small hexadecimal digits. */
export function isHexId(text: unknown): text is string {
  return typeof text === 'string' && HEX_ID.test(text)
}

const HEX_ID = /^[0-9a-f]{64}$/

function packJson({ id, blobs }: IndexedPack): unknown {
  return {
    id,
    blobs: blobs.map(({ id: blob, type, offset, length, uncompressedLength }) => ({
      id: blob.toString('hex'),
      type,
      offset,
      length,
      uncompressed_length: uncompressedLength,
    })),
  }
}

function decodeBlob(blob: unknown): PackedBlob {
  if (isObject(blob)) {
    const { id, type, offset, length, uncompressed_length: plain } = blob
    const isKnown = type === 'data' || type === 'tree'
    if (isKnown && isHexId(id) && isLength(offset) && isLength(length) && (plain === undefined || isLength(plain))) {
      const uncompressedLength = plain === 0 ? undefined : plain
      return { id: Buffer.from(id, 'hex').subarray(0, ID_BYTES), type, offset, length, uncompressedLength }
    }
  }
  throw new IndexBroken('it has a blob that is none')
}

function isLength(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw new IndexBroken('it is not JSON', { cause })
  }
}
