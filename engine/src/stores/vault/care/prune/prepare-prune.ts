import { TillsafeError } from '../../../../model/index.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { Repository } from '../../repository/repository.ts'
import { requireWritable } from '../../repository/require-writable.ts'
import { listPacks } from '../list-packs.ts'
import { listSnapshots } from '../list-snapshots.ts'
import { type IndexFile, loadIndexFiles } from '../load-index-files.ts'
import { PackContents } from '../pack-contents.ts'
import { chooseNeeded, type NeededPlaces } from './choose-needed.ts'
import { markUsed, type UsedBlobs } from './mark-used.ts'
import { type PackFate, type PlannedPack, type PruneRules, planPrune } from './prune-plan.ts'
import { requirePlainNames } from './require-plain-names.ts'
import { staleIndexes } from './rewrite-index.ts'

/** What a prune is going to do, and what it has looked at to decide that. */
export interface PreparedPrune {
  readonly index: BlobIndex
  readonly contents: PackContents
  readonly used: UsedBlobs
  readonly needed: NeededPlaces
  /** Names of the snapshots that need what is used. */
  readonly snapshots: readonly string[]
  readonly indexFiles: readonly IndexFile[]
  readonly staleIndexes: readonly IndexFile[]
  readonly fates: readonly PackFate[]
  /** Packs that are there and in no index, with their bytes. */
  readonly unnamed: ReadonlyMap<string, number>
  /** Bytes of all packs that are there. */
  readonly bytes: number
}

/**
 * Finds out what every snapshot needs, and what becomes of each pack. Changes nothing. Refused is a vault of which anything
 * can't be read, and one whose listings can't be true. Errors: `vault.damaged`, `vault.read-only`.
 */
export async function preparePrune(repository: Repository, rules: PruneRules, job: JobContext): Promise<PreparedPrune> {
  requireWritable(repository)
  await requirePlainNames(repository)
  const { index, files: indexFiles } = await loadIndexFiles(repository, job.signal, (_, error) => {
    throw error
  })
  const snapshots = await listSnapshots(repository)
  const listed = await listPacks(repository)
  requireLikely(repository, snapshots.length, index.packs.length, listed.size)
  const contents = new PackContents(index)
  const used = await markUsed(repository, index, snapshots, job.signal)
  const isThere = (pack: number): boolean => listed.has(index.packs[pack] ?? '')
  const needed = chooseNeeded(index, contents, used, isThere)
  const packs = plannedPacks(index, contents, needed, listed)
  requireSizes(repository, contents, packs)
  const fates = planPrune(packs, rules)
  const going = new Set(fates.filter(({ fate }) => fate !== 'keep').map(({ pack }) => pack.id))
  return {
    index,
    contents,
    used,
    needed,
    snapshots: snapshots.map(({ name }) => name),
    indexFiles,
    staleIndexes: staleIndexes(indexFiles, (pack) => going.has(pack) || !listed.has(pack), rules.joinSmall),
    fates,
    unnamed: new Map([...listed].filter(([pack]) => !index.hasPack(pack))),
    bytes: [...listed.values()].reduce((sum, bytes) => sum + bytes, 0),
  }
}

/** An empty listing is never believed: what reads a disk badly gives such ones too. */
function requireLikely({ files }: Repository, snapshots: number, named: number, listed: number): void {
  if (snapshots === 0 && named + listed > 0) {
    throw new TillsafeError('vault.damaged', `no snapshot is listed in ${files.root}, and there are packs`, {
      hint: 'Make a backup first. If there have been backups, look whether the whole vault is on this disk.',
    })
  }
  if (listed === 0 && named > 0) {
    throw new TillsafeError('vault.damaged', `no pack is listed in ${files.root}, and its index names ${named}`)
  }
}

function plannedPacks(
  index: BlobIndex,
  contents: PackContents,
  needed: NeededPlaces,
  listed: ReadonlyMap<string, number>,
): PlannedPack[] {
  const packs: PlannedPack[] = []
  for (const [number, id] of index.packs.entries()) {
    const bytes = listed.get(id)
    if (bytes === undefined) {
      continue
    }
    const blobs = contents.blobsOf(number)
    const isUsed = blobs.map((one) => needed[one.blob.type][one.number] !== 0)
    const usedBytes = blobs.reduce((sum, { blob }, position) => sum + (isUsed[position] ? blob.length : 0), 0)
    const unusedBytes = blobs.reduce((sum, { blob }, position) => sum + (isUsed[position] ? 0 : blob.length), 0)
    const types = new Set(blobs.map(({ blob }) => blob.type))
    const [type = 'data'] = types
    packs.push({ id, kind: types.size > 1 ? 'mixed' : type, bytes, usedBytes, unusedBytes })
  }
  return packs
}

/** A pack that is needed has the bytes that the index says. */
function requireSizes({ files }: Repository, contents: PackContents, packs: readonly PlannedPack[]): void {
  for (const { id, bytes, usedBytes } of packs) {
    const expected = contents.bytesOf(contents.numberOf(id) ?? -1)
    if (usedBytes > 0 && bytes !== expected) {
      throw new TillsafeError('vault.damaged', `${files.keyOf('data', id)} has ${bytes} bytes, not ${expected}`)
    }
  }
}
