import type { Label, StoredBackup } from '../../model/index.ts'
import { storedBackup } from '../stored-backup.ts'
import { type VaultPlace, vaultFilesOf } from './vault-place.ts'

/** A backup in a vault: its key is that of its snapshot file. */
export function storedVaultBackup(place: VaultPlace, label: Label, snapshot: string): StoredBackup {
  return storedBackup(label, vaultFilesOf(place).keyOf('snapshots', snapshot))
}
