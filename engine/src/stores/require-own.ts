import type { Heading } from '../model/index.ts'
import type { StorePlace } from './store-place.ts'

/** Throws when a snapshot is of another shop or workspace than the store that it was given to. */
export function requireOwn(place: Pick<StorePlace, 'signer' | 'workspace'>, { shop, workspace }: Heading): void {
  if (shop.publicKey !== place.signer.publicKey || workspace.id !== place.workspace) {
    throw new Error('a snapshot of another shop or workspace was given to this store')
  }
}
