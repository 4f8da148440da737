import { throwIfCancelled } from '../../../../work/cancel.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import { hasCode } from '../../../has-code.ts'
import { Meter } from '../../../meter.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import type { Repository } from '../../repository/repository.ts'
import { PackWriter } from '../../save/pack-writer.ts'
import { sealedBlobs } from '../sealed-blobs.ts'
import { SealedPacks } from '../sealed-packs.ts'
import type { DamagedPack } from './judge-packs.ts'

/** What became of a damaged pack. */
export interface SalvagedPack {
  readonly id: string
  readonly why: string
  readonly saved: number
  readonly lost: number
  /** Whether the disk does not give it out now: it may be whole. */
  readonly isUnread: boolean
  /** Whether all that can be read of it lies elsewhere now. */
  readonly mayGo: boolean
}

/** Puts what is whole of damaged packs into new ones, and names these in an index. */
export async function salvagePacks(
  repository: Repository,
  workers: VaultWorkers,
  packs: readonly DamagedPack[],
  job: JobContext,
): Promise<readonly SalvagedPack[]> {
  const writer = new PackWriter(repository, new Meter(job, 'read-back', 0))
  const builder = new SealedPacks(repository.sealer)
  const salvaged: SalvagedPack[] = []
  for (const { id, bytes, why, isUnread, blobs } of packs) {
    throwIfCancelled(job.signal)
    let saved = 0
    for await (const found of sealedBlobs(repository, workers, id, blobs)) {
      if (found.kind === 'whole') {
        saved += 1
        const full = builder.add(found.blob, found.sealed)
        if (full !== undefined) {
          await writer.write(full)
        }
      }
    }
    // Of a pack without any blob that is known nobody can say what it holds; one that a disk does not give out may come back.
    const mayGo = !isUnread && blobs.length > 0 && (await isReadable(repository, id, bytes))
    salvaged.push({ id, why, saved, lost: blobs.length - saved, isUnread, mayGo })
  }
  for (const rest of builder.rest()) {
    await writer.write(rest)
  }
  await writer.writeIndex()
  return salvaged
}

async function isReadable({ files }: Repository, id: string, bytes: number): Promise<boolean> {
  try {
    await files.readRange('data', id, { start: 0, end: bytes })
    return true
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      return false
    }
    throw error
  }
}
