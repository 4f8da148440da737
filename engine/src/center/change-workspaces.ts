import { KEEP_EVERYTHING, type SourceSettings, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import { changeShop } from './change-shop.ts'
import { handleOf } from './create-shop.ts'
import { encryptionWith, type NewDatabaseKey, withDatabaseKey } from './database-keys.ts'
import { RestoreJournal } from './restore-journal.ts'
import { writeSecrets } from './secrets.ts'
import type { Shop } from './shop.ts'
import { writeSettings } from './write-settings.ts'

/** A database that a shop takes under its wing: another business, or (kind `other`) no business at all. */
export interface NewWorkspace {
  readonly name: string
  readonly kind: WorkspaceSettings['kind']
  readonly source: SourceSettings
  /** Opens the database, when it is encrypted. */
  readonly databaseKey?: NewDatabaseKey
  readonly schemaMap?: string
}

/** Its backups go where those of the first workspace go. Errors: `workspace.exists`, `schema-map.invalid`. */
export function addWorkspace({ home }: Shop, added: NewWorkspace): Promise<WorkspaceSettings> {
  return changeShop(home, (shop) => add(shop, added))
}

async function add(
  shop: Shop,
  { name, kind, source: given, databaseKey, schemaMap }: NewWorkspace,
): Promise<WorkspaceSettings> {
  const { workspaces } = shop.settings
  if (workspaces.some((workspace) => workspace.name === name || workspace.source.database === given.database)) {
    throw new TillsafeError('workspace.exists', `a workspace ${name}, or one with this database, is there already`)
  }
  const id = freeHandle(name, workspaces)
  if (schemaMap !== undefined) {
    await readSchemaMap(schemaMap)
  }
  const copies = shop.workspace().copies.map((copy) => ({ ...copy, retention: KEEP_EVERYTHING }))
  const source = { ...given, ...(databaseKey && { encryption: encryptionWith(databaseKey, id) }) }
  const workspace = { id, name, kind, source, ...(schemaMap === undefined ? {} : { schemaMap }), copies }
  if (databaseKey !== undefined) {
    await writeSecrets(shop.home, withDatabaseKey(shop.secrets, id, databaseKey))
  }
  await writeSettings(shop.home, { ...shop.settings, workspaces: [...workspaces, workspace] })
  return workspace
}

/** Forgets a workspace; its backups stay where they are. Errors: `workspace.unknown`, `usage.invalid` for the last one. */
export function removeWorkspace({ home }: Shop, name: string): Promise<void> {
  return changeShop(home, (shop) => remove(shop, name))
}

async function remove(shop: Shop, name: string): Promise<void> {
  const { id } = shop.workspace(name)
  if (shop.settings.workspaces.length === 1) {
    throw new TillsafeError('usage.invalid', `${id} is the last workspace: a shop keeps at least one`)
  }
  const restores = await new RestoreJournal(shop.home).entries()
  if (restores.some((entry) => entry.workspace === id && entry.state !== 'done')) {
    throw new TillsafeError('restore.unfinished', `a restore of ${id} was interrupted and is not finished yet`)
  }
  await writeSettings(shop.home, {
    ...shop.settings,
    workspaces: shop.settings.workspaces.filter((workspace) => workspace.id !== id),
  })
}

/** Names in other letters than Latin ones all have the same handle. */
function freeHandle(name: string, workspaces: readonly WorkspaceSettings[]): string {
  const handle = handleOf(name)
  for (let number = 1; ; number++) {
    const id = number === 1 ? handle : `${handle.slice(0, 58)}-${number}`
    if (!workspaces.some((workspace) => workspace.id === id)) {
      return id
    }
  }
}
