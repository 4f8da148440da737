import type { Id, Label, WorkspaceSettings } from '../model/index.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
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
      await using safety = await openSafety(entry.safetyBackup, workspace, desk)
      if (!(await source.keepsMoreImages(entry.id, () => imagesOf(safety)))) {
        await source.forget(entry.id)
        await desk.journal.remove(entry.id)
      }
    }
  }
}

/** Undefined when it can't be found. */
async function openSafety(id: Id, workspace: WorkspaceSettings, desk: Desk): Promise<Snapshot | undefined> {
  const backup = pickBackup((await findBackups(desk.shop, workspace)).backups, id)
  return await shelvesOf(desk.shop, workspace, backup)[0]?.store.open(id, quietJob(desk.clock))
}

async function* imagesOf(snapshot: Snapshot | undefined): AsyncIterable<string> {
  for await (const { part, path } of snapshot?.entries() ?? []) {
    if (part === 'images') {
      yield path
    }
  }
}
