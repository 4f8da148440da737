import type { BackupCenter } from '@tillsafe/engine'

/** Prunes a shop's vault of all waste, or repairs it as far as that can be. Says what there was to do. */
export async function careForVault(center: BackupCenter, deed: 'prune' | 'repair'): Promise<string[]> {
  return await (deed === 'prune' ? prune(center) : repair(center))
}

async function prune(center: BackupCenter): Promise<string[]> {
  const options = { maxUnusedShare: 0, mostRemovedShare: 1 }
  const { packs, bytes } = await center.careForVault({}, (vault, job) => vault.prune(options, job)).result
  return packs.removed + packs.repacked + bytes.removed > 0 ? [JSON.stringify({ packs, bytes })] : []
}

async function repair(center: BackupCenter): Promise<string[]> {
  const options = { reading: 'everything', forgetLost: true } as const
  const report = await center.careForVault({}, (vault, job) => vault.repair(options, job)).result
  const { isIndexNew, damagedPacks, lost } = report
  // A pack that nothing is known of stays: a repair that was cut has saved its blobs already, and a prune removes it.
  const known = damagedPacks.filter(({ saved, lost: gone }) => saved + gone > 0)
  return isIndexNew || known.length + lost.length > 0 ? [JSON.stringify(report)] : []
}
