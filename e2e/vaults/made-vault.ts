import type { Key } from '../../engine/src/destinations/destination.ts'
import type { Label } from '../../engine/src/model/index.ts'
import type { SyntheticShop } from '../../engine/src/testing/synthetic-snapshot.ts'
import type { VaultContents } from './vault-contents.ts'

/** The files of a vault, by their key; and those of the hints that this machine keeps of it. */
export interface VaultState {
  readonly objects: ReadonlyMap<Key, Uint8Array>
  readonly hints: ReadonlyMap<string, Uint8Array>
}

/** The files of a backup, the database among them, by their path. */
export type SavedFiles = ReadonlyMap<string, Uint8Array>

/** A backup of ours that was saved, also one that was forgotten since. */
export interface SavedBackup {
  readonly label: Label
  readonly files: SavedFiles
}

/** A vault that is going to be damaged, and what is known of it. */
export interface MadeVault extends VaultState {
  readonly name: string
  readonly shop: SyntheticShop
  readonly saved: readonly SavedBackup[]
  /** What stock restic keeps there for itself, by the names of its snapshots. */
  readonly stock: ReadonlyMap<string, SavedFiles>
  /** The names of the snapshot files of our backups, by the ids of these. */
  readonly snapshots: ReadonlyMap<string, string>
  readonly contents: VaultContents
  /** As it was some days before. */
  readonly older: VaultState
  readonly isReadOnly: boolean
  /** What the next backup holds, and its number. */
  readonly next: { readonly sequence: number; readonly files: SavedFiles }
}

/** What opens all of these vaults. */
export const PASSWORD = 'TILL-TEST'
/** Where they lie in their destination. */
export const ROOT = 'main/Vault'
