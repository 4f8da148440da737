import { type Id, type Label, TillsafeError } from '../model/index.ts'
import { type FoundLabel, findLabels } from './find-labels.ts'
import type { StorePlace } from './store-place.ts'

/** A backup of this shop and workspace: its label, and its keys without their endings. */
export interface LabelledBackup {
  readonly stem: string
  readonly label: Label
}

/**
 * Finds a backup by its id. Errors: `backup.unknown`; `backup.label-damaged`, `backup.label-newer` or
 * `identity.foreign` when the only label that claims the id is no good.
 */
export async function findBackup(place: StorePlace, id: Id): Promise<LabelledBackup> {
  let claim: FoundLabel | undefined
  for await (const found of findLabels(place)) {
    if (found.kind === 'own' && found.label.id === id) {
      return found
    }
    if (found.kind !== 'own' && found.id === id) {
      claim = found
    }
  }
  throw noBackup(id, claim)
}

/** Why there is no backup of this id: what the label says that claims it. */
export function noBackup(id: Id, claim: FoundLabel | undefined): TillsafeError {
  if (claim?.kind === 'unreadable') {
    return claim.error
  }
  if (claim?.kind === 'foreign') {
    return new TillsafeError('identity.foreign', `backup ${id} belongs to another shop: ${claim.shop}`)
  }
  return new TillsafeError('backup.unknown', `there is no backup ${id} here`)
}
