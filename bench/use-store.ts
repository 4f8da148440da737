import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Has a shop that was just made keep its backups in another store than plain copies. */
export function useStore(home: string, store: string): void {
  const file = join(home, 'tillsafe.json')
  const settings = readFileSync(file, 'utf8')
  if (!settings.includes('"store": "copies"')) {
    throw new Error('the settings name no store that could be changed')
  }
  writeFileSync(file, settings.replace('"store": "copies"', `"store": "${store}"`))
}
