import type { Label } from '../model/index.ts'
import type { Desk } from './desk.ts'

/**
 * Removes what stood in a workspace before its last restores: a newer good backup shows that the shop works with what
 * was restored, and the safety backup remains. Where no safety backup could be taken, what was set aside is all there is:
 * that stays until a person removes it.
 */
export async function dropKept(label: Label, desk: Desk): Promise<void> {
  if (label.database.condition !== 'sound') {
    return
  }
  const workspace = desk.shop.workspace(label.workspace.id)
  for (const entry of await desk.journal.entries()) {
    if (entry.state === 'done' && entry.safetyBackup !== undefined && entry.workspace === workspace.id) {
      await (await desk.shop.source(workspace)).forget(entry.id)
      await desk.journal.remove(entry.id)
    }
  }
}
