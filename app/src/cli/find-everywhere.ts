import { type FoundBackups, findBackups, pickBackup, type Shop } from '@tillsafe/engine'
import type { Backup } from '@tillsafe/engine/model'

/** The backups of one workspace, or of all when none is named, newest first. */
export async function findEverywhere(
  shop: Shop,
  workspace: string | undefined,
  only: readonly string[] = [],
): Promise<FoundBackups> {
  const workspaces = workspace === undefined ? shop.settings.workspaces : [shop.workspace(workspace)]
  const found = await Promise.all(workspaces.map((one) => findBackups(shop, one, only)))
  const backups = found.flatMap((one) => one.backups)
  return {
    // Within one workspace the order is that of its sequence, which no clock disturbs.
    backups: found.length === 1 ? backups : backups.sort((a, b) => b.label.takenAt.localeCompare(a.label.takenAt)),
    problems: found.flatMap((one) => one.problems),
  }
}

/** The one backup whose id begins so. Errors: `backup.unknown`, `backup.ambiguous`. */
export async function findOne(shop: Shop, id: string, workspace: string | undefined): Promise<Backup> {
  return pickBackup((await findEverywhere(shop, workspace)).backups, id)
}
