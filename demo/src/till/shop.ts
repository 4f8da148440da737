import type { ShopTime } from '../calendar/shop-time.ts'
import type { Inserts } from '../database/inserts.ts'
import type { PosDatabase } from '../database/pos-database.ts'

/** A POS database that is open for selling: the connection, the shop's time, and the key of its chains. */
export interface Shop {
  readonly db: PosDatabase
  readonly inserts: Inserts
  readonly time: ShopTime
  readonly key: Uint8Array
  readonly keyId: string
}
