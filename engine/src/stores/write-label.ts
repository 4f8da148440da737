import { type Label, TillsafeError } from '../model/index.ts'
import { bytesContent } from '../snapshot/bytes-content.ts'
import type { BackupKeys } from './backup-names.ts'
import { decodeLabel, encodeLabel, LABEL_FILE_BYTES } from './label-file.ts'
import type { OwnObjects } from './own-objects.ts'
import { readObject } from './read-object.ts'
import type { StorePlace } from './store-place.ts'

/** Writes the label of a backup, and reads it back. From here on the backup exists. */
export async function writeLabel(place: StorePlace, keys: BackupKeys, own: OwnObjects, label: Label): Promise<void> {
  const file = encodeLabel(label, place.signer)
  decodeLabel(file, place.shop.publicKey) // what could not be read again is not written
  await own.write(keys.label, bytesContent(file))
  if (!file.equals(await readObject(place.destination, keys.label, LABEL_FILE_BYTES))) {
    throw new TillsafeError('destination.failed', `${keys.label} was read back, and differs from what was written`)
  }
}
