import type { Label } from './label.ts'
import type { StoreKind } from './settings.ts'

/** One stored copy of a backup: its label, and the key that its store knows it by. */
export interface StoredBackup {
  readonly label: Label
  readonly key: string
  /** Bytes of the database copy and of the images it refers to. */
  readonly bytes: number
}

/** A place where a backup lies. */
export interface Place {
  readonly destination: string
  readonly store: StoreKind
  readonly key: string
}

/** A backup, wherever its copies lie. */
export interface Backup {
  readonly label: Label
  readonly bytes: number
  readonly places: readonly Place[]
}
