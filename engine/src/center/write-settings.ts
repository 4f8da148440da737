import type { ShopSettings } from '../model/index.ts'
import { realDisk } from '../work/disk.ts'
import { replaceFile } from '../work/durable-files.ts'
import { checkSettings } from './check-settings.ts'
import type { Home } from './home.ts'
import { settingsFile } from './settings-file.ts'

/** Replaces the settings of a shop, checked. Error: `settings.invalid`. */
export async function writeSettings(home: Home, settings: ShopSettings): Promise<void> {
  checkSettings(settings, home)
  await replaceFile(realDisk, home.settings, settingsFile(settings).toString())
}
