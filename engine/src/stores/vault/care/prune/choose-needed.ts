import { TillsafeError } from '../../../../model/index.ts'
import type { BlobType } from '../../format/blob.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { PackContents } from '../pack-contents.ts'
import type { UsedBlobs } from './mark-used.ts'

/**
 * The one place of each used blob that is kept: 1 for such a place, 2 when the blob lies elsewhere too, 0 for all others. One
 * byte a place, by its number in the index.
 */
export type NeededPlaces = Readonly<Record<BlobType, Uint8Array>>

const TYPES = ['data', 'tree'] as const

/**
 * Chooses where each used blob is kept: where the least of a pack is unused, so that the packs of few needed blobs become
 * free. `isThere` tells of a pack by its number. Error: `vault.damaged` when a used blob is nowhere.
 */
export function chooseNeeded(
  index: BlobIndex,
  contents: PackContents,
  used: UsedBlobs,
  isThere: (pack: number) => boolean,
): NeededPlaces {
  const rank = ranks(index, contents, used)
  const needed = { data: new Uint8Array(used.data.length), tree: new Uint8Array(used.tree.length) }
  for (const type of TYPES) {
    for (const [latest, isUsed] of used[type].entries()) {
      if (isUsed === 0) {
        continue
      }
      const places = [...placesOf(index, contents, type, latest)].filter(({ pack }) => isThere(pack))
      const [best, ...others] = places.sort((a, b) => (rank[a.pack] ?? 0) - (rank[b.pack] ?? 0))
      if (best === undefined) {
        const { blob, pack } = index.placeAt(type, latest)
        throw new TillsafeError(
          'vault.damaged',
          `the pack ${pack} is missing: a snapshot needs its blob ${blob.id.toString('hex')}`,
        )
      }
      needed[type][best.number] = others.length === 0 ? 1 : 2
    }
  }
  return needed
}

function* placesOf(
  index: BlobIndex,
  contents: PackContents,
  type: BlobType,
  latest: number,
): Iterable<{ number: number; pack: number }> {
  const ids = index.ids(type)
  for (let number: number | undefined = latest; number !== undefined; number = ids.earlier(number)) {
    yield { number, pack: contents.numberOf(index.placeAt(type, number).pack) ?? -1 }
  }
}

/** The packs in order: little waste first, then large ones. Waste is what no snapshot needs, wherever else it may lie. */
function ranks(index: BlobIndex, contents: PackContents, used: UsedBlobs): Uint32Array {
  const usedBytes = new Float64Array(index.packs.length)
  const bytes = new Float64Array(index.packs.length)
  for (const type of TYPES) {
    for (const { pack, blob } of index.all(type)) {
      const number = contents.numberOf(pack) ?? 0
      const latest = index.ids(type).find(blob.id) ?? 0
      bytes[number] = (bytes[number] ?? 0) + blob.length
      usedBytes[number] = (usedBytes[number] ?? 0) + (used[type][latest] === 1 ? blob.length : 0)
    }
  }
  const waste = bytes.map((all, number) => (all === 0 ? 0 : 1 - (usedBytes[number] ?? 0) / all))
  const inOrder = Uint32Array.from(bytes.keys()).sort(
    (a, b) => (waste[a] ?? 0) - (waste[b] ?? 0) || (bytes[b] ?? 0) - (bytes[a] ?? 0) || a - b,
  )
  const rank = new Uint32Array(inOrder.length)
  inOrder.forEach((pack, place) => {
    rank[pack] = place
  })
  return rank
}
