import { type Backup, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import type { Shelf, Shop } from './shop.ts'

/** What listing all shelves gave: the backups, newest first, and what could not be read, as sentences. */
export interface FoundBackups {
  readonly backups: readonly Backup[]
  readonly problems: readonly string[]
}

/** All backups of a workspace over all its destinations. A destination that can't be read is a problem, not an error. */
export async function findBackups(
  shop: Shop,
  workspace: WorkspaceSettings,
  only: readonly string[] = [],
): Promise<FoundBackups> {
  const backups = new Map<string, Backup>()
  const problems: string[] = []
  for (const shelf of shop.shelves(workspace, only)) {
    try {
      await addShelf(shelf, backups, problems)
    } catch (error) {
      problems.push(`${shelf.destination.name}: ${(error as Error).message}`)
    }
  }
  return { backups: [...backups.values()].sort((a, b) => b.label.sequence - a.label.sequence), problems }
}

/** The backup whose id begins with `id`. Errors: `backup.unknown`, `backup.ambiguous`. */
export function pickBackup(backups: readonly Backup[], id: string): Backup {
  const matches = id.length === 0 ? [] : backups.filter((backup) => backup.label.id.startsWith(id.toLowerCase()))
  if (matches.length > 1) {
    throw new TillsafeError('backup.ambiguous', `${matches.length} backups have an id that begins with ${id}`)
  }
  if (matches[0] === undefined) {
    throw new TillsafeError('backup.unknown', `there is no backup ${id}`)
  }
  return matches[0]
}

/** The shelves that hold a backup. */
export function shelvesOf(shop: Shop, workspace: WorkspaceSettings, backup: Backup): Shelf[] {
  return shop
    .shelves(workspace)
    .filter(({ destination, settings }) =>
      backup.places.some((place) => place.destination === destination.name && place.store === settings.store),
    )
}

async function addShelf(shelf: Shelf, backups: Map<string, Backup>, problems: string[]): Promise<void> {
  const destination = shelf.destination.name
  for await (const listed of shelf.store.list()) {
    switch (listed.kind) {
      case 'backup': {
        const { label, bytes, key } = listed.backup
        const place = { destination, store: shelf.settings.store, key }
        backups.set(label.id, { label, bytes, places: [...(backups.get(label.id)?.places ?? []), place] })
        break
      }
      case 'foreign':
        problems.push(`${destination}: ${listed.key} belongs to another shop (${listed.shop})`)
        break
      case 'unreadable':
        problems.push(`${destination}: ${listed.key} ${listed.problem}`)
        break
      default:
        listed satisfies never
    }
  }
}
