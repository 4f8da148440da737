import type { TillsafeError, VaultSnapshotFile } from '../../../model/index.ts'
import { hasCode } from '../../has-code.ts'
import { aheadInOrder, FILES_AHEAD } from '../repository/ahead-in-order.ts'
import type { Repository } from '../repository/repository.ts'

/** A snapshot of whatever program: what it says, or why it can't be read. */
export interface ListedSnapshot {
  readonly name: string
  readonly read: VaultSnapshotFile | TillsafeError
}

/** All snapshots of a vault, those of other programs too. */
export async function listSnapshots(repository: Repository): Promise<ListedSnapshot[]> {
  const names = repository.files.list('snapshots')
  return await Array.fromAsync(
    aheadInOrder(names, FILES_AHEAD, async (name) => ({
      name,
      read: await repository.readSnapshot(name).catch(damageOf),
    })),
  )
}

function damageOf(error: unknown): TillsafeError {
  if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
    return error
  }
  throw error
}
