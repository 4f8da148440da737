import type { Label, StoredBackup } from '../model/index.ts'

/** A label and the key of its backup, as a store reports them. */
export function storedBackup(label: Label, key: string): StoredBackup {
  return { label, key, bytes: label.database.bytes + (label.images?.bytes ?? 0) }
}
