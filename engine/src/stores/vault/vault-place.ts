import type { Disk } from '../../work/disk.ts'
import type { VaultUser } from '../../work/vault-user.ts'
import type { StorePlace } from '../store-place.ts'
import type { Owner } from './format/tree.ts'
import { VaultFiles } from './repository/vault-files.ts'

/** Where the vault of a workspace lies, what opens it, and what this machine remembers of it. */
export interface VaultPlace extends Omit<StorePlace, 'ending'> {
  /** The first one is a key of a vault that is made here. */
  readonly passwords: readonly string[]
  /** Who holds its locks, and whose the files are that stock restic restores. */
  readonly user: VaultUser & Owner
  /** A folder of ours for hints: without them everything is right, and slower. */
  readonly hints: string
  /** The disk of the hints. */
  readonly disk: Disk
}

/** The files of a place's vault: `main/Vault/…`. */
export function vaultFilesOf({ destination, workspace }: VaultPlace): VaultFiles {
  return new VaultFiles(destination, `${workspace}/Vault`)
}
