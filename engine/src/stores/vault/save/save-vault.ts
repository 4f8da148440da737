import { type Label, type StoredBackup, TillsafeError, type VaultSnapshotFile } from '../../../model/index.ts'
import type { Snapshot } from '../../../snapshot/snapshot.ts'
import { throwIfCancelled } from '../../../work/cancel.ts'
import type { JobContext } from '../../../work/job-context.ts'
import { composeLabel } from '../../compose-label.ts'
import { encodeLabel } from '../../label-file.ts'
import { Meter } from '../../meter.ts'
import { requireOwn } from '../../require-own.ts'
import type { Polynomial } from '../chunk/gf2.ts'
import { polynomialFromHex } from '../chunk/polynomial.ts'
import { goTime } from '../format/go-text.ts'
import type { VaultLock } from '../lock/vault-lock.ts'
import { finishPack } from '../pool/pack-builder.ts'
import { VaultWorkers } from '../pool/vault-workers.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'
import { OWN_TAG } from '../snapshots/read-snapshots.ts'
import { storedVaultBackup } from '../stored-vault-backup.ts'
import { LABEL_NAME } from '../vault-paths.ts'
import type { VaultPlace } from '../vault-place.ts'
import { BlobWriter } from './blob-writer.ts'
import { type FormerBackup, rememberPages } from './former-backup.ts'
import { PackWriter } from './pack-writer.ts'
import { saveEntries } from './save-entries.ts'
import { saveFile } from './save-file.ts'
import { TreeBuilder } from './tree-builder.ts'

/** An opened repository, locked, and what is stored in it. */
export interface SavingVault {
  readonly repository: Repository
  /** Blobs whose packs are there. */
  readonly index: BlobIndex
  readonly former: FormerBackup | undefined
  readonly lock: Pick<VaultLock, 'requireHeld'>
}

/**
 * Stores a snapshot: packs, then the index that names them, then the snapshot file that makes the backup exist. What an
 * interrupted save leaves are packs, which the next one uses.
 */
export async function saveVault(
  place: VaultPlace,
  { repository, index, former, lock }: SavingVault,
  snapshot: Snapshot,
  job: JobContext,
): Promise<StoredBackup> {
  requireOwn(place, snapshot.heading)
  const polynomial = polynomialOf(repository)
  await using workers = new VaultWorkers(repository.key, index.ids('data').share())
  const packs = new PackWriter(repository, new Meter(job, 'read-back', 0))
  const blobs = new BlobWriter(repository, workers, packs)
  try {
    const trees = new TreeBuilder(repository, index, packs, place.user)
    const written = await saveEntries({ former, polynomial, blobs, trees, snapshot, job })
    const label = composeLabel(snapshot.heading, await snapshot.facts(), written) // asked last: they know what images lacked
    const takenMs = Date.parse(label.takenAt)
    await saveFile(trees, blobs, { path: LABEL_NAME, plain: encodeLabel(label, place.signer), modifiedMs: takenMs })
    await blobs.finish()
    const tree = await trees.finish()
    const rest = trees.rest()
    if (rest.blobs.length > 0) {
      await packs.write(finishPack(rest, repository.sealer))
    }
    await packs.writeIndex()
    throwIfCancelled(job.signal)
    await lock.requireHeld() // else somebody may have removed what this backup refers to
    const name = await repository.writeSnapshot(snapshotFile(place, label, tree, former))
    await rememberPages(place, repository, written.map, { snapshot: name, sha256: written.sha256 })
    return storedVaultBackup(place, label, name)
  } catch (error) {
    await blobs.settle()
    await packs.writeIndex().catch(() => undefined) // the next backup finds what was stored
    throw error
  }
}

/** What restic shows of a backup. */
function snapshotFile(
  { user, workspace }: VaultPlace,
  { takenAt, trigger, tiers, shop, sequence, applicationVersion, tillsafeVersion }: Label,
  tree: Buffer,
  former: FormerBackup | undefined,
): VaultSnapshotFile {
  return {
    time: goTime(Date.parse(takenAt)),
    ...(former === undefined ? {} : { parent: former.name }),
    tree: tree.toString('hex'),
    paths: [`/${workspace}`],
    hostname: shop.name,
    username: user.username,
    tags: [
      OWN_TAG,
      trigger,
      ...tiers,
      `backup-${sequence}`,
      ...(applicationVersion === undefined ? [] : [`app-${tagText(applicationVersion)}`]),
    ],
    program_version: `tillsafe ${tillsafeVersion}`,
  }
}

/** restic takes a comma for the end of a tag. */
function tagText(text: string): string {
  return text.replaceAll(/[,\s]+/g, '-')
}

function polynomialOf({ config, files }: Repository): Polynomial {
  const polynomial = polynomialFromHex(config.chunker_polynomial)
  if (polynomial === undefined) {
    throw new TillsafeError('vault.damaged', `the config of ${files.root} names no polynomial that can cut`)
  }
  return polynomial
}
