import type { StoreKind, WorkspaceSettings } from '../model/index.ts'
import { kitMark } from './kit-mark.ts'
import type { Shop } from './shop.ts'
import type { StateDatabase } from './state-database.ts'

/** Whether nobody can read what a store keeps without the recovery key. */
const IS_SEALED: Readonly<Record<StoreKind, boolean>> = { copies: false, archive: false, vault: true }

type MarkedShop = Pick<Shop, 'identity' | 'secrets'>

/** Whether what is kept of a workspace can be lost with the key. */
export function keepsSealed({ copies }: Pick<WorkspaceSettings, 'copies'>): boolean {
  return copies.some(({ store }) => IS_SEALED[store])
}

/**
 * What is missing before the encrypted backups of a workspace count, as sentences: an emergency kit with the present recovery
 * key, made here or proven by retyping. No backup is stopped by it.
 */
export function kitNeeds(
  workspace: Pick<WorkspaceSettings, 'id' | 'copies'>,
  shop: MarkedShop,
  state: StateDatabase,
): readonly string[] {
  if (!keepsSealed(workspace) || state.kit(kitMark(shop)) !== undefined) {
    return []
  }
  return [
    `what the vault of ${workspace.id} keeps is encrypted, and there is no emergency kit with the present recovery key: without it on paper nobody can read the vault after a fire. Make it now: tillsafe kit --output kit.pdf`,
  ]
}
