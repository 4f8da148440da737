import { randomBytes } from 'node:crypto'
import {
  KEEP_EVERYTHING,
  type Secrets,
  type ShopSettings,
  type SourceSettings,
  type WorkspaceSettings,
} from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import { blamePath } from '../work/blame-path.ts'
import { realDisk } from '../work/disk.ts'
import { makeFolder } from '../work/durable-files.ts'
import { checkSettings } from './check-settings.ts'
import { encryptionWith, type NewDatabaseKey, withDatabaseKey } from './database-keys.ts'
import { Home } from './home.ts'
import { keepRecoveryOf } from './keep-recovery.ts'
import { makeHome, requireNoHome } from './make-home.ts'
import { newIdentity } from './new-identity.ts'
import { newRecoveryKey } from './recovery-key.ts'
import { Shop } from './shop.ts'

/** What a new shop says about itself. Paths are absolute. */
export interface NewShop {
  readonly name: string
  /** ISO 3166-1, two capital letters. */
  readonly country: string
  /** IANA name, such as `Europe/Brussels`. */
  readonly timeZone: string
  readonly source: SourceSettings
  /** Opens the database, when it is encrypted. */
  readonly databaseKey?: NewDatabaseKey
  readonly schemaMap?: string
  /** A folder for the backups; one in the home folder when absent. */
  readonly destination?: string
  readonly till?: WorkspaceSettings['till']
}

/** Makes the home folder of a new shop. Errors: `home.exists`, `settings.invalid`, `schema-map.invalid`. */
export async function createShop(folder: string, shop: NewShop): Promise<Shop> {
  const home = new Home(folder)
  requireNoHome(home)
  const settings = settingsOf(home, shop)
  checkSettings(settings, home)
  if (shop.schemaMap !== undefined) {
    await readSchemaMap(shop.schemaMap)
  }
  const backups = shop.destination ?? home.backups
  await blamePath(folder, () => makeFolder(realDisk, folder))
  await blamePath(backups, () => makeFolder(realDisk, backups))
  await makeHome(home, { identity: newIdentity(randomBytes), secrets: newSecrets(shop), settings })
  await keepRecoveryOf(home)
  return Shop.open(folder)
}

/** A handle made of a person's words: `Café du Port` becomes `cafe-du-port`. */
export function handleOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 63) || 'shop'
  )
}

function newSecrets({ name, databaseKey }: NewShop): Secrets {
  const recoveryKey = newRecoveryKey(randomBytes)
  const secrets: Secrets = { kind: 'tillsafe.secrets', version: 1, recoveryKey, databaseKeys: {} }
  return databaseKey === undefined ? secrets : withDatabaseKey(secrets, handleOf(name), databaseKey)
}

function settingsOf(home: Home, shop: NewShop): ShopSettings {
  return {
    kind: 'tillsafe.settings',
    version: 1,
    shop: { name: shop.name, country: shop.country, timeZone: shop.timeZone },
    workspaces: [
      {
        id: handleOf(shop.name),
        name: shop.name,
        kind: 'business',
        source: {
          ...shop.source,
          ...(shop.databaseKey && { encryption: encryptionWith(shop.databaseKey, handleOf(shop.name)) }),
        },
        ...(shop.schemaMap === undefined ? {} : { schemaMap: shop.schemaMap }),
        ...(shop.till && { till: shop.till }),
        copies: [{ destination: 'local', store: 'copies', retention: KEEP_EVERYTHING }],
      },
    ],
    destinations: [{ name: 'local', kind: 'local', path: shop.destination ?? home.backups }],
  }
}
