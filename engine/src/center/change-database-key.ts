import type { WorkspaceSettings } from '../model/index.ts'
import { changeShop } from './change-shop.ts'
import { encryptionWith, type NewDatabaseKey, withDatabaseKey } from './database-keys.ts'
import { writeSecrets } from './secrets.ts'
import type { Shop } from './shop.ts'
import { writeSettings } from './write-settings.ts'

/**
 * Notes the key that opens a workspace's database from now on; whoever calls has opened the database with it. First the
 * secret, then the settings that name it.
 */
export function changeDatabaseKey(
  { home }: Shop,
  name: string | undefined,
  key: NewDatabaseKey,
): Promise<WorkspaceSettings> {
  return changeShop(home, (shop) => change(shop, name, key))
}

async function change(shop: Shop, name: string | undefined, key: NewDatabaseKey): Promise<WorkspaceSettings> {
  const workspace = shop.workspace(name)
  const secret = workspace.source.encryption?.key ?? workspace.id
  await writeSecrets(shop.home, withDatabaseKey(shop.secrets, secret, key))
  const encryption = encryptionWith(key, secret)
  const changed = { ...workspace, source: { ...workspace.source, encryption } }
  const workspaces = shop.settings.workspaces.map((one) => (one.id === workspace.id ? changed : one))
  await writeSettings(shop.home, { ...shop.settings, workspaces })
  return changed
}
