import { TillsafeError } from '../../../../model/index.ts'
import { isHexId } from '../../format/index-file.ts'
import type { Repository } from '../../repository/repository.ts'
import type { VaultFolder } from '../../repository/vault-files.ts'

/** The beginning of a name as restic gives it. What it leaves half-written goes on with `-tmp-`. */
const BEGINS_LIKE_ONE = /^[0-9a-f]{8}/i
const HALF_WRITTEN = /^[0-9a-f]{64}-tmp-/

/**
 * Refuses a vault where a snapshot or an index has a name that is not one, cut or in capitals: it would be passed over, and
 * what it refers to would be taken for unused. Error: `vault.damaged`.
 */
export async function requirePlainNames({ files }: Repository): Promise<void> {
  for (const folder of ['snapshots', 'index'] as const satisfies readonly VaultFolder[]) {
    for await (const key of files.destination.list(`${files.root}/${folder}/`)) {
      const name = key.slice(key.lastIndexOf('/') + 1)
      const isPlain = isHexId(name) && key === files.keyOf(folder, name)
      if (!isPlain && BEGINS_LIKE_ONE.test(name) && !HALF_WRITTEN.test(name)) {
        throw new TillsafeError('vault.damaged', `${key} has a name that no file there can have`, {
          hint: 'A copy may have changed the name: it is the SHA-256 of the file. Name it so again, or move it out of the vault.',
        })
      }
    }
  }
}
