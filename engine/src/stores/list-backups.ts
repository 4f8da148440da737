import { findLabels } from './find-labels.ts'
import { listedLabel } from './listed-label.ts'
import type { Listed } from './store.ts'
import type { StorePlace } from './store-place.ts'

/** What the labels of a store tell of its backups; those of another workspace or store are passed over. */
export async function* listBackups(place: StorePlace): AsyncIterable<Listed> {
  for await (const found of findLabels(place)) {
    const listed = listedLabel(found, place.ending)
    if (listed !== undefined) {
      yield listed
    }
  }
}
