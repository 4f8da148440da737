import type { ShopSettings } from '../model/index.ts'

/** The settings of a shop as a file. Settings name secrets and never hold one: see `Secrets`. */
export function settingsFile(settings: ShopSettings): Buffer {
  return Buffer.from(`${JSON.stringify(settings, null, 2)}\n`)
}
