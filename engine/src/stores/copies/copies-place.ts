import type { Destination } from '../../destinations/destination.ts'
import type { ShopMark } from '../../model/index.ts'
import type { Signer } from '../../work/signer.ts'

/** Where the copies of a workspace lie, and in whose name they are signed. */
export interface CopiesPlace {
  readonly destination: Destination
  /** The id of the workspace: the first folder of every key. */
  readonly workspace: string
  readonly shop: ShopMark
  readonly signer: Signer
  /** The shop's time zone: file names carry its local time. */
  readonly timeZone: string
}
