import {
  type DestinationSettings,
  KEEP_EVERYTHING,
  type ShopSettings,
  type StoreKind,
  TillsafeError,
  type WorkspaceSettings,
} from '../model/index.ts'
import { blamePath } from '../work/blame-path.ts'
import { realDisk } from '../work/disk.ts'
import { makeFolder } from '../work/durable-files.ts'
import { changeShop } from './change-shop.ts'
import { keepRecoveryOf } from './keep-recovery.ts'
import type { Shop } from './shop.ts'
import { writeSettings } from './write-settings.ts'

/** A place for backups that a shop takes on, and how they are kept there. */
export interface NewDestination {
  readonly name: string
  /** A folder on this machine or on a mounted disk, absolute. Made when it is not there. */
  readonly path: string
  readonly store: StoreKind
  /** The workspaces whose backups go there too, by id or name; all of them when empty. */
  readonly workspaces: readonly string[]
}

/** From the next backup on, the workspaces keep their backups there as well. Errors: `destination.exists`, `settings.invalid` … */
export function addDestination({ home }: Shop, added: NewDestination): Promise<DestinationSettings> {
  return changeShop(home, (shop) => add(shop, added))
}

async function add(shop: Shop, added: NewDestination): Promise<DestinationSettings> {
  const { settings } = shop
  if (settings.destinations.some(({ name, path }) => name === added.name || path === added.path)) {
    throw new TillsafeError(
      'destination.exists',
      `a destination ${added.name}, or one at ${added.path}, is there already`,
    )
  }
  const ids = new Set(added.workspaces.map((name) => shop.workspace(name).id))
  const destination = { name: added.name, kind: 'local', path: added.path } as const
  const copy = { destination: added.name, store: added.store, retention: KEEP_EVERYTHING }
  const changed: ShopSettings = {
    ...settings,
    destinations: [...settings.destinations, destination],
    workspaces: settings.workspaces.map((workspace) =>
      ids.size === 0 || ids.has(workspace.id) ? { ...workspace, copies: [...workspace.copies, copy] } : workspace,
    ),
  }
  await blamePath(added.path, () => makeFolder(realDisk, added.path))
  await writeSettings(shop.home, changed)
  await keepRecoveryOf(shop.home)
  return destination
}

/** Backups go there no longer; those that lie there stay. Errors: `destination.unknown`, `usage.invalid` for the last one. */
export function removeDestination({ home }: Shop, name: string): Promise<void> {
  return changeShop(home, (shop) => remove(shop, name))
}

async function remove(shop: Shop, name: string): Promise<void> {
  const { settings } = shop
  shop.destinationSettings(name)
  const workspaces = settings.workspaces.map((workspace) => without(workspace, name))
  const left = workspaces.find(({ copies }) => copies.length === 0)
  if (left !== undefined) {
    throw new TillsafeError(
      'usage.invalid',
      `${name} is the last destination of ${left.id}: its backups go nowhere else`,
      {
        hint: 'Add another destination first.',
      },
    )
  }
  const destinations = settings.destinations.filter((destination) => destination.name !== name)
  await writeSettings(shop.home, { ...settings, destinations, workspaces })
  await keepRecoveryOf(shop.home)
}

function without(workspace: WorkspaceSettings, destination: string): WorkspaceSettings {
  return { ...workspace, copies: workspace.copies.filter((copy) => copy.destination !== destination) }
}
