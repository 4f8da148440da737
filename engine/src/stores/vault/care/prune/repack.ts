import { TillsafeError } from '../../../../model/index.ts'
import { throwIfCancelled } from '../../../../work/cancel.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import { Meter } from '../../../meter.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import type { Repository } from '../../repository/repository.ts'
import { PackWriter } from '../../save/pack-writer.ts'
import { sealedBlobs } from '../sealed-blobs.ts'
import { SealedPacks } from '../sealed-packs.ts'
import type { PreparedPrune } from './prepare-prune.ts'

/**
 * Writes what is needed of some packs into new ones, and names these in an index. Each blob is opened on the way: rot is
 * never carried over. Gives the bytes of the new packs. Error: `vault.damaged`.
 */
export async function repack(
  repository: Repository,
  workers: VaultWorkers,
  { contents, needed }: PreparedPrune,
  packs: readonly string[],
  job: JobContext,
): Promise<number> {
  const writer = new PackWriter(repository, new Meter(job, 'read-back', 0))
  const builder = new SealedPacks(repository.sealer)
  for (const pack of packs) {
    throwIfCancelled(job.signal)
    const blobs = contents
      .blobsOf(contents.numberOf(pack) ?? -1)
      .filter(({ number, blob }) => needed[blob.type][number] !== 0)
      .map(({ blob }) => blob)
    for await (const found of sealedBlobs(repository, workers, pack, blobs)) {
      if (found.kind === 'damaged') {
        throw damagedBlob(repository, pack, found.blob.id, found.why)
      }
      const full = builder.add(found.blob, found.sealed)
      if (full !== undefined) {
        await writer.write(full)
      }
    }
  }
  for (const rest of builder.rest()) {
    await writer.write(rest)
  }
  await writer.writeIndex()
  return writer.writtenBytes
}

/** Reads the blobs that lie in several packs where they are to stay: only what is whole there is given up elsewhere. */
export async function requireKeptWhole(
  repository: Repository,
  workers: VaultWorkers,
  { contents, needed }: PreparedPrune,
  kept: readonly string[],
  { signal }: JobContext,
): Promise<void> {
  for (const pack of kept) {
    throwIfCancelled(signal)
    const blobs = contents
      .blobsOf(contents.numberOf(pack) ?? -1)
      .filter(({ number, blob }) => needed[blob.type][number] === 2)
      .map(({ blob }) => blob)
    for await (const found of sealedBlobs(repository, workers, pack, blobs)) {
      if (found.kind === 'damaged') {
        throw damagedBlob(repository, pack, found.blob.id, found.why)
      }
    }
  }
}

function damagedBlob({ files }: Repository, pack: string, id: Buffer, why: string): TillsafeError {
  return new TillsafeError(
    'vault.damaged',
    `${files.keyOf('data', pack)}: the blob ${id.toString('hex')} cannot be read: ${why}. Nothing was removed`,
  )
}
