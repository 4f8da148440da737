import { PACK_BYTES } from '../../pool/vault-task.ts'

/** How much may stay that nobody needs, and what is put together on the way. */
export interface PruneRules {
  /** Share of the packs' bytes that may be unused: below it, nothing is written anew for its sake. */
  readonly maxUnusedShare: number
  /** Whether small packs are joined, once there are several. */
  readonly joinSmall: boolean
}

/** A pack as the plan sees it. */
export interface PlannedPack {
  readonly id: string
  readonly kind: 'data' | 'tree' | 'mixed'
  readonly bytes: number
  /** Bytes of blobs that are needed here; a blob that lies twice is needed in one place only. */
  readonly usedBytes: number
  readonly unusedBytes: number
}

export type PackFate =
  | { readonly fate: 'keep'; readonly pack: PlannedPack }
  | { readonly fate: 'repack'; readonly pack: PlannedPack; readonly why: 'waste' | 'small' }
  | { readonly fate: 'remove'; readonly pack: PlannedPack }

const SMALL_BYTES = PACK_BYTES / 2
/** So many small packs of one kind are joined. */
const JOINED = 4

/** What becomes of each pack. Those with the largest share of waste are written anew first. */
export function planPrune(packs: readonly PlannedPack[], { maxUnusedShare, joinSmall }: PruneRules): PackFate[] {
  const used = packs.filter(({ usedBytes }) => usedBytes > 0)
  const repacked = wasteful(used, maxUnusedShare)
  const small = used.filter((pack) => joinSmall && pack.bytes < SMALL_BYTES && !repacked.has(pack))
  const joined = new Set(small.filter(({ kind }) => small.filter((other) => other.kind === kind).length >= JOINED))
  return packs.map((pack) => {
    if (pack.usedBytes === 0) {
      return { fate: 'remove', pack }
    }
    if (repacked.has(pack)) {
      return { fate: 'repack', pack, why: 'waste' }
    }
    return joined.has(pack) ? { fate: 'repack', pack, why: 'small' } : { fate: 'keep', pack }
  })
}

function wasteful(used: readonly PlannedPack[], maxUnusedShare: number): Set<PlannedPack> {
  const usedBytes = used.reduce((sum, pack) => sum + pack.usedBytes, 0)
  const allowed = maxUnusedShare >= 1 ? Number.POSITIVE_INFINITY : (maxUnusedShare / (1 - maxUnusedShare)) * usedBytes
  let unusedBytes = used.reduce((sum, pack) => sum + pack.unusedBytes, 0)
  const repacked = new Set<PlannedPack>()
  for (const pack of used.toSorted((a, b) => wasteOf(b) - wasteOf(a))) {
    if (unusedBytes <= allowed) {
      break
    }
    if (pack.unusedBytes > 0) {
      repacked.add(pack)
      unusedBytes -= pack.unusedBytes
    }
  }
  return repacked
}

function wasteOf({ usedBytes, unusedBytes }: PlannedPack): number {
  return unusedBytes / (usedBytes + unusedBytes)
}
