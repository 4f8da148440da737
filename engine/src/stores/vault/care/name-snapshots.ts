import { type Id, printable, TillsafeError, type VaultSnapshotFile } from '../../../model/index.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'
import { OWN_TAG, readSnapshots } from '../snapshots/read-snapshots.ts'
import type { VaultPlace } from '../vault-place.ts'
import type { ListedSnapshot } from './list-snapshots.ts'

/** A backup that damage has reached, by its label; and a snapshot that has none of ours, or none that can be read. */
export type HurtBackup =
  | { readonly kind: 'backup'; readonly snapshot: string; readonly id: Id; readonly takenAt: string }
  | {
      readonly kind: 'snapshot'
      readonly snapshot: string
      readonly name: string
      readonly takenAt: string | undefined
    }

/** Whether a snapshot says that it is a backup of Tillsafe; one that can't be read may be. */
export function mayBeOurs({ read }: ListedSnapshot): boolean {
  return read instanceof TillsafeError || read.tags?.includes(OWN_TAG) === true
}

/** How a person knows these snapshots, by the names of their files. */
export async function nameSnapshots(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly ListedSnapshot[],
): Promise<ReadonlyMap<string, HurtBackup>> {
  const named = new Map<string, HurtBackup>()
  for (const { name, read } of snapshots) {
    named.set(name, otherName(name, read))
  }
  for await (const { found } of readSnapshots(place, repository, index)) {
    if (found.kind === 'own') {
      const { id, takenAt } = found.label
      named.set(found.stem, { kind: 'backup', snapshot: found.stem, id, takenAt })
    }
  }
  return named
}

function otherName(snapshot: string, read: VaultSnapshotFile | TillsafeError): HurtBackup {
  if (read instanceof TillsafeError) {
    return { kind: 'snapshot', snapshot, name: snapshot.slice(0, 8), takenAt: undefined }
  }
  const name = `${snapshot.slice(0, 8)}: ${printable(read.hostname ?? '')} ${printable((read.paths ?? []).join(', '))}`
  return { kind: 'snapshot', snapshot, name, takenAt: read.time }
}
