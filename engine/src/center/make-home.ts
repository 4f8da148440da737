import { existsSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { type Identity, type Secrets, type ShopSettings, TillsafeError } from '../model/index.ts'
import { blamePath } from '../work/blame-path.ts'
import { realDisk } from '../work/disk.ts'
import { diskFailure } from '../work/disk-failure.ts'
import { makeFolder, replaceFile } from '../work/durable-files.ts'
import type { Home } from './home.ts'
import { writeSecrets } from './secrets.ts'
import { writeSettings } from './write-settings.ts'

/** Who a shop is, what it keeps to itself, and what it has decided. */
export interface HomeContents {
  readonly identity: Identity
  readonly secrets: Secrets
  readonly settings: ShopSettings
}

/**
 * Throws `home.exists` where a home stands, or what is left of one: a new identity in the place of one whose backups exist
 * would make them foreign. What was cut while it was made has no backups, and is made again.
 */
export function requireNoHome({ path, settings, identity, secrets, state, creating }: Home): void {
  if (existsSync(settings)) {
    throw new TillsafeError('home.exists', `there is a shop in ${path} already`)
  }
  if (!existsSync(creating) && [identity, secrets, state].some((file) => existsSync(file))) {
    throw new TillsafeError('home.exists', `there is a shop in ${path}, without its tillsafe.json`, {
      hint: 'Put tillsafe.json back from a copy, or move the folder aside and adopt the shop into an empty one.',
    })
  }
}

/** Writes the home of a shop, the settings last: a home with settings is a shop. Errors: `space.short`, `disk.failed`. */
export async function makeHome(home: Home, { identity, secrets, settings }: HomeContents): Promise<void> {
  await blamePath(home.path, () => makeFolder(realDisk, home.path))
  try {
    await chmod(home.path, 0o700)
    await replaceFile(realDisk, home.creating, '')
    await writeSecrets(home, secrets)
    await replaceFile(realDisk, home.identity, `${JSON.stringify(identity, null, 2)}\n`)
    await writeSettings(home, settings)
    await rm(home.creating)
  } catch (error) {
    throw await diskFailure(error, home.path)
  }
}
