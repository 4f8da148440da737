import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStamp, type Instant } from '../model/index.ts'
import { shopFileName } from '../stores/backup-names.ts'
import { SEALED_ENDING } from './brought/file-endings.ts'
import type { Shop } from './shop.ts'

/** Where an export goes: the file that is named, or, in a folder that is there, `<Shop>_backup_YYYYMMDD_HHMMSS.zip`. */
export async function exportPath(
  output: string,
  ending: '.zip' | '.db',
  sealed: boolean,
  shop: Shop,
  now: Instant,
): Promise<string> {
  const found = await stat(output).catch(() => undefined)
  if (!found?.isDirectory()) {
    return output
  }
  const { name, timeZone } = shop.settings.shop
  return join(output, `${shopFileName(name)}_backup_${fileStamp(now, timeZone)}${ending}${sealed ? SEALED_ENDING : ''}`)
}
