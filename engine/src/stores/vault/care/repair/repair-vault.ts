import { TillsafeError } from '../../../../model/index.ts'
import { throwIfCancelled } from '../../../../work/cancel.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import type { IndexedPack } from '../../format/index-file.ts'
import type { VaultLock } from '../../lock/vault-lock.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import { readHeader } from '../../repository/read-header.ts'
import type { Repository } from '../../repository/repository.ts'
import { requireWritable } from '../../repository/require-writable.ts'
import type { VaultPlace } from '../../vault-place.ts'
import { listPacks } from '../list-packs.ts'
import { listSnapshots } from '../list-snapshots.ts'
import { loadIndexFiles } from '../load-index-files.ts'
import { PackContents } from '../pack-contents.ts'
import { writeIndexFiles } from '../write-index-files.ts'
import { findLost, type LostBackup } from './find-lost.ts'
import { type DamagedPack, judgePacks, type RepairReading } from './judge-packs.ts'
import { type SalvagedPack, salvagePacks } from './salvage-packs.ts'

export interface RepairOptions {
  readonly reading: RepairReading
  /** Whether snapshots of which nothing can be read any more are removed; none as long as the disk fails to give a pack out. */
  readonly forgetLost: boolean
}

/** What a repair has done, and what is beyond it. */
export interface RepairReport {
  /** Whether the index was made anew. */
  readonly isIndexNew: boolean
  readonly packs: number
  /** Packs that were damaged: what is whole of them lies in new ones. */
  readonly damagedPacks: readonly SalvagedPack[]
  readonly lost: readonly LostBackup[]
  /** Names of the snapshot files that were removed. */
  readonly forgotten: readonly string[]
}

/**
 * Makes the index anew from what the packs say of themselves, saves what is whole of damaged packs, and tells what is lost.
 * Nothing that can be read is removed; what is put in the place of something lasts before that goes. Works under an exclusive
 * lock. Errors: `vault.damaged`, `vault.read-only`, `vault.lock-lost`.
 */
export async function repairVault(
  place: VaultPlace,
  repository: Repository,
  workers: VaultWorkers,
  { reading, forgetLost }: RepairOptions,
  lock: Pick<VaultLock, 'requireHeld'>,
  job: JobContext,
): Promise<RepairReport> {
  requireWritable(repository)
  const packs = await repairPacks(repository, workers, reading, lock, job)
  const { index } = await loadIndexFiles(repository, job.signal, (_, error) => {
    throw error
  })
  const lost = await findLost(place, repository, index, await listSnapshots(repository), job.signal)
  const forgotten: string[] = []
  // What a disk does not give out now may be what they need.
  const isFinal = forgetLost && !packs.damagedPacks.some(({ isUnread }) => isUnread)
  for (const { backup } of isFinal ? lost.filter(({ opens }) => !opens) : []) {
    await lock.requireHeld()
    await repository.files.remove('snapshots', backup.snapshot)
    forgotten.push(backup.snapshot)
  }
  return { ...packs, lost, forgotten }
}

async function repairPacks(
  repository: Repository,
  workers: VaultWorkers,
  reading: RepairReading,
  lock: Pick<VaultLock, 'requireHeld'>,
  job: JobContext,
): Promise<Pick<RepairReport, 'isIndexNew' | 'packs' | 'damagedPacks'>> {
  const { files } = repository
  const former: string[] = []
  for await (const name of files.list('index')) {
    former.push(name)
  }
  const { index, files: readable } = await loadIndexFiles(repository, job.signal, () => undefined)
  const listed = await listPacks(repository)
  if (listed.size === 0 && index.packs.length > 0) {
    throw new TillsafeError('vault.damaged', `no pack is listed in ${files.root}, and its index names some`, {
      hint: 'Look whether the whole vault is on this disk. Nothing was changed.',
    })
  }
  const { whole, damaged, indexed } = await judgePacks(
    repository,
    workers,
    listed,
    new PackContents(index),
    reading,
    job,
  )
  const named = readable.reduce((sum, file) => sum + file.packs.length, 0)
  const isIndexGood = readable.length === former.length && indexed === whole.length && named === whole.length
  const salvaged = await salvagePacks(repository, workers, damaged, job)
  if (isIndexGood && damaged.every(({ blobs }) => blobs.length === 0)) {
    return { isIndexNew: false, packs: whole.length, damagedPacks: salvaged }
  }
  await writeIndexFiles(repository, headersOf(repository, whole, damaged, job.signal))
  for (const name of former) {
    await lock.requireHeld()
    await files.remove('index', name)
  }
  for (const { id } of salvaged.filter(({ mayGo }) => mayGo)) {
    await lock.requireHeld()
    await files.remove('data', id)
  }
  return { isIndexNew: true, packs: whole.length, damagedPacks: salvaged }
}

/** What the packs say of themselves; of those that the disk does not give out now, what the index has said of them. */
async function* headersOf(
  repository: Repository,
  whole: readonly { readonly id: string; readonly bytes: number }[],
  damaged: readonly DamagedPack[],
  signal: AbortSignal,
): AsyncIterable<IndexedPack> {
  for (const { id, bytes } of whole) {
    throwIfCancelled(signal)
    yield { id, blobs: await readHeader(repository, id, bytes) }
  }
  for (const { id, blobs } of damaged.filter(({ isUnread }) => isUnread)) {
    yield { id, blobs }
  }
}
