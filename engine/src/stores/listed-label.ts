import type { BackupEnding } from './backup-names.ts'
import { backupKeys } from './backup-names.ts'
import type { FoundLabel } from './find-labels.ts'
import type { Listed } from './store.ts'
import { storedBackup } from './stored-backup.ts'

/** A label as a store lists it; undefined when it is of another workspace. */
export function listedLabel(found: FoundLabel, ending: BackupEnding): Listed | undefined {
  const key = backupKeys(found.stem, ending).content
  switch (found.kind) {
    case 'own':
      return { kind: 'backup', backup: storedBackup(found.label, key) }
    case 'foreign':
      return { kind: 'foreign', key, shop: found.shop }
    case 'unreadable':
      return { kind: 'unreadable', key, problem: found.error.message }
    case 'of-another-workspace':
      return undefined
    default:
      return found satisfies never
  }
}
