import type { Destination } from '../destinations/destination.ts'
import type { ShopMark } from '../model/index.ts'
import type { Signer } from '../work/signer.ts'
import type { BackupEnding } from './backup-names.ts'

/** Where a store keeps the backups of a workspace, and in whose name they are signed. */
export interface StorePlace {
  readonly destination: Destination
  /** The id of the workspace: the first folder of every key. */
  readonly workspace: string
  readonly shop: ShopMark
  readonly signer: Signer
  /** The shop's time zone: file names carry its local time. */
  readonly timeZone: string
  /** What the files of this store end with: the stores of one place know theirs by it, and leave the others alone. */
  readonly ending: BackupEnding
}
