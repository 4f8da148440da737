import Type from 'typebox'
import type { Key } from '../destinations/destination.ts'
import { hasShape, Id } from '../model/index.ts'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { Content } from '../snapshot/content.ts'
import { hasCode } from './has-code.ts'
import { readObject } from './read-object.ts'
import type { StorePlace } from './store-place.ts'

/**
 * Says that a backup is being written or removed: until its label exists, what lies beside the marker may be
 * removed by `sweep`.
 */
export interface SavingMarker {
  readonly backup: Id
  readonly shop: Id
}

const MarkerFile = Type.Object({ kind: Type.Literal('tillsafe.saving'), backup: Id, shop: Id })

const MARKER_BYTES = 10_000

export function markerContent(marker: SavingMarker): Content {
  return bytesContent(Buffer.from(`${JSON.stringify({ kind: 'tillsafe.saving', ...marker }, null, 2)}\n`))
}

/** Whether the marker is there, whole, and of this shop. */
export async function isOwnMarker(place: StorePlace, key: Key): Promise<boolean> {
  try {
    const marker: unknown = JSON.parse(String(await readObject(place.destination, key, MARKER_BYTES)))
    return hasShape(MarkerFile, marker) && marker.shop === place.shop.id
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'object.missing', 'backup.damaged')) {
      return false
    }
    throw error
  }
}
