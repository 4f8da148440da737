import type { TillsafeError, VaultSnapshotFile } from '../../../model/index.ts'
import { hasCode } from '../../has-code.ts'
import type { Repository } from '../repository/repository.ts'

/** A snapshot of whatever program: what it says, or why it can't be read. */
export interface ListedSnapshot {
  readonly name: string
  readonly read: VaultSnapshotFile | TillsafeError
}

/** All snapshots of a vault, those of other programs too. */
export async function listSnapshots(repository: Repository): Promise<ListedSnapshot[]> {
  const snapshots: ListedSnapshot[] = []
  for await (const name of repository.files.list('snapshots')) {
    snapshots.push({ name, read: await repository.readSnapshot(name).catch(damageOf) })
  }
  return snapshots
}

function damageOf(error: unknown): TillsafeError {
  if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
    return error
  }
  throw error
}
