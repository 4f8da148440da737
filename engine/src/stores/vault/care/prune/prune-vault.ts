import { TillsafeError } from '../../../../model/index.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import type { VaultLock } from '../../lock/vault-lock.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import type { Repository } from '../../repository/repository.ts'
import { inParallel } from '../in-parallel.ts'
import { listPacks } from '../list-packs.ts'
import { loadIndexFiles } from '../load-index-files.ts'
import { type PreparedPrune, preparePrune } from './prepare-prune.ts'
import type { PruneRules } from './prune-plan.ts'
import { repack, requireKeptWhole } from './repack.ts'
import { rewriteIndexes } from './rewrite-index.ts'

export interface PruneOptions extends PruneRules {
  /** A larger share of the packs' bytes is removed only when a person has said so: then this is 1. */
  readonly mostRemovedShare: number
}

/** restic's own share of waste; and what W5 calls a listing that shrank. */
export const PRUNE_DEFAULTS: PruneOptions = { maxUnusedShare: 0.05, joinSmall: true, mostRemovedShare: 0.5 }

/** What a prune has done, or would do. */
export interface PruneFigures {
  readonly packs: { readonly kept: number; readonly repacked: number; readonly removed: number }
  readonly blobs: { readonly kept: number; readonly removed: number }
  /** Bytes of all packs before, and of those that hold what is removed; the waste in packs that are kept is `unused`. */
  readonly bytes: { readonly before: number; readonly removed: number; readonly unused: number }
}

/**
 * Removes from a vault what no snapshot needs. New packs last before the index that names them, that before old index files
 * go, and old packs go last: cut at any point, everything that a snapshot needs can be read, and the next prune goes on.
 * Works under an exclusive lock. Errors: those of `preparePrune`; `confirmation.needed`; `vault.lock-lost`.
 */
export async function pruneVault(
  repository: Repository,
  workers: VaultWorkers,
  options: PruneOptions,
  lock: Pick<VaultLock, 'requireHeld'>,
  job: JobContext,
): Promise<PruneFigures> {
  const prepared = await preparePrune(repository, options, job)
  const figures = figuresOf(prepared)
  requireModest(figures, options)
  const going = [...packsOf(prepared, 'repack'), ...packsOf(prepared, 'remove'), ...prepared.unnamed.keys()]
  if (going.length + prepared.staleIndexes.length === 0) {
    return figures
  }
  await requireKeptWhole(repository, workers, prepared, packsOf(prepared, 'keep'), job)
  await repack(repository, workers, prepared, packsOf(prepared, 'repack'), job)
  const gone = new Set(going)
  const there = await listPacks(repository)
  const isGone = (pack: string): boolean => gone.has(pack) || !there.has(pack)
  await rewriteIndexes(repository, prepared.indexFiles, prepared.staleIndexes, isGone, job.signal)
  await requireCovered(repository, prepared, isGone, job)
  await requireSameSnapshots(repository, prepared)
  const remove = async (folder: 'index' | 'data', name: string): Promise<void> => {
    await lock.requireHeld()
    await repository.files.remove(folder, name)
  }
  await inParallel(prepared.staleIndexes, REMOVALS_AT_ONCE, ({ name }) => remove('index', name))
  await inParallel(going, REMOVALS_AT_ONCE, (pack) => remove('data', pack))
  return figures
}

/** A removal lasts before the next is counted as done: mostly waiting for the disk, which syncs several folders in one go. */
const REMOVALS_AT_ONCE = 8

/** What a prepared prune comes to. */
export function figuresOf(prepared: PreparedPrune): PruneFigures {
  const { fates, unnamed, needed, bytes } = prepared
  const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0)
  const kept = countOf(needed.data) + countOf(needed.tree)
  const of = (fate: 'keep' | 'repack' | 'remove') => fates.filter((one) => one.fate === fate).map(({ pack }) => pack)
  return {
    packs: { kept: of('keep').length, repacked: of('repack').length, removed: of('remove').length + unnamed.size },
    blobs: { kept, removed: needed.data.length + needed.tree.length - kept },
    bytes: {
      before: bytes,
      removed:
        sum(of('remove').map((pack) => pack.bytes)) +
        sum(unnamed.values()) +
        sum(of('repack').map(({ unusedBytes }) => unusedBytes)),
      unused: sum(of('keep').map(({ unusedBytes }) => unusedBytes)),
    },
  }
}

function countOf(places: Uint8Array): number {
  return places.reduce((count, place) => count + Math.min(place, 1), 0)
}

function packsOf({ fates }: PreparedPrune, fate: 'keep' | 'repack' | 'remove'): string[] {
  return fates.filter((one) => one.fate === fate).map(({ pack }) => pack.id)
}

/** A vault that would lose most of its bytes has lost snapshots: by retention, or by a disk that does not show them all. */
function requireModest({ bytes: { before, removed } }: PruneFigures, { mostRemovedShare }: PruneOptions): void {
  if (removed > before * mostRemovedShare) {
    const percent = Math.round((100 * removed) / before)
    throw new TillsafeError(
      'confirmation.needed',
      `${percent} % of the vault (${removed} of ${before} bytes) is needed by no backup that is listed. Nothing was removed`,
      {
        hint: 'Look whether all backups are listed. If so, repeat with --confirm and the words asked for.',
        confirm: `REMOVE ${percent} PERCENT`,
      },
    )
  }
}

/** Reads the indexes that will be left, and finds every used blob in them, in a pack that stays. Error: `vault.damaged`. */
async function requireCovered(
  repository: Repository,
  { index, used, staleIndexes }: PreparedPrune,
  isGone: (pack: string) => boolean,
  { signal }: JobContext,
): Promise<void> {
  const stale = new Set(staleIndexes.map(({ name }) => name))
  const { index: left } = await loadIndexFiles(repository, signal, throwDamage, stale)
  for (const type of ['data', 'tree'] as const) {
    for (const [number, isUsed] of used[type].entries()) {
      const { id } = index.placeAt(type, number).blob
      if (isUsed === 1 && [...left.places(type, id)].every(({ pack }) => isGone(pack))) {
        throw new TillsafeError('vault.damaged', `the new index lacks the blob ${id.toString('hex')}`)
      }
    }
  }
}

function throwDamage(_: string, error: TillsafeError): never {
  throw error
}

/** Nobody adds or removes snapshots under our lock: two listings that differ can't be believed. */
async function requireSameSnapshots({ files }: Repository, { snapshots }: PreparedPrune): Promise<void> {
  const before = new Set(snapshots)
  const now: string[] = []
  for await (const name of files.list('snapshots')) {
    now.push(name)
  }
  if (now.length !== before.size || now.some((name) => !before.has(name))) {
    throw new TillsafeError('destination.failed', 'the list of snapshots has changed while the vault was locked', {
      hint: 'Look whether another program works in this vault without a lock. Nothing was removed.',
    })
  }
}
