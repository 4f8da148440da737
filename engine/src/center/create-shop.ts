import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import {
  type Identity,
  KEEP_EVERYTHING,
  type Secrets,
  type ShopSettings,
  type SourceSettings,
  TillsafeError,
  type WorkspaceSettings,
} from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import { blamePath } from '../work/blame-path.ts'
import { realDisk } from '../work/disk.ts'
import { diskFailure } from '../work/disk-failure.ts'
import { makeFolder, replaceFile } from '../work/durable-files.ts'
import { checkSettings } from './check-settings.ts'
import { encryptionWith, type NewDatabaseKey, withDatabaseKey } from './database-keys.ts'
import { Home } from './home.ts'
import { keepRecoveryOf } from './keep-recovery.ts'
import { newIdentity } from './new-identity.ts'
import { newRecoveryKey } from './recovery-key.ts'
import { writeSecrets } from './secrets.ts'
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
  requireNoShop(home)
  const settings = settingsOf(home, shop)
  checkSettings(settings, home)
  if (shop.schemaMap !== undefined) {
    await readSchemaMap(shop.schemaMap)
  }
  await blamePath(folder, () => makeFolder(realDisk, folder))
  const backups = shop.destination ?? home.backups
  await blamePath(backups, () => makeFolder(realDisk, backups))
  try {
    await chmod(folder, 0o700)
    await replaceFile(realDisk, home.creating, '')
    await writeSecrets(home, newSecrets(shop))
    await writeIdentity(home, newIdentity(randomBytes))
    await writeSettings(home, settings) // last: a home with settings is a shop
    await rm(home.creating)
    await keepRecoveryOf(home)
  } catch (error) {
    throw await diskFailure(error, folder)
  }
  return Shop.open(folder)
}

/** A new identity in the place of one whose backups exist would make them foreign. */
function requireNoShop({ path, settings, identity, secrets, creating }: Home): void {
  if (existsSync(settings)) {
    throw new TillsafeError('home.exists', `there is a shop in ${path} already`)
  }
  const isUnfinished = existsSync(creating) // a shop that was cut while it was made has no backups
  if (!isUnfinished && (existsSync(identity) || existsSync(secrets))) {
    throw new TillsafeError('home.exists', `there is a shop in ${path}, without its tillsafe.json`, {
      hint: 'Put tillsafe.json back from a copy, or adopt the shop into another folder.',
    })
  }
}

/** Writes down who a shop is, once. */
export async function writeIdentity(home: Home, identity: Identity): Promise<void> {
  await replaceFile(realDisk, home.identity, `${JSON.stringify(identity, null, 2)}\n`)
}

/** Replaces the settings of a shop, checked. */
export async function writeSettings(home: Home, settings: ShopSettings): Promise<void> {
  checkSettings(settings, home)
  await replaceFile(realDisk, home.settings, `${JSON.stringify(settings, null, 2)}\n`)
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
