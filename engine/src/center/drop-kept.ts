import type { Id, Label, WorkspaceSettings } from '../model/index.ts'
import type { Desk } from './desk.ts'
import { findBackups, pickBackup, shelvesOf } from './find-backups.ts'
import { quietJob } from './shop.ts'

/**
 * Removes what stood in a workspace before its last restores: a newer good backup shows that the shop works with what
 * was restored, and the safety backup remains. Where no safety backup could be taken, or it lacks some of the images, what was
 * set aside is all there is: that stays until a person removes it.
 */
export async function dropKept(label: Label, desk: Desk): Promise<void> {
  if (label.database.condition !== 'sound') {
    return
  }
  const workspace = desk.shop.workspace(label.workspace.id)
  for (const entry of await desk.journal.entries()) {
    if (entry.state === 'done' && entry.safetyBackup !== undefined && entry.workspace === workspace.id) {
      const source = await desk.shop.source(workspace)
      if (!(await source.keepsMoreImages(entry.id, await savedImages(entry.safetyBackup, workspace, desk)))) {
        await source.forget(entry.id)
        await desk.journal.remove(entry.id)
      }
    }
  }
}

/** The images that a safety backup has; none when it can't be found. */
async function savedImages(id: Id, workspace: WorkspaceSettings, desk: Desk): Promise<ReadonlySet<string>> {
  const backup = pickBackup((await findBackups(desk.shop, workspace)).backups, id)
  const shelf = shelvesOf(desk.shop, workspace, backup)[0]
  const saved = new Set<string>()
  if (shelf !== undefined) {
    await using snapshot = await shelf.store.open(id, quietJob(desk.clock))
    for await (const { part, path } of snapshot.entries()) {
      if (part === 'images') {
        saved.add(path)
      }
    }
  }
  return saved
}
