import { hasCode } from '../../../has-code.ts'
import { decodeKeyFile, openKeyFile } from '../../format/key-file.ts'
import type { VaultKey } from '../../format/seal.ts'
import type { Repository } from '../../repository/repository.ts'
import type { VaultPlace } from '../../vault-place.ts'
import type { Findings } from './findings.ts'

/**
 * Looks at the key files. One that our password opens and that is the key of another vault is named too: restic believes the
 * first key that its password opens, and then says that this vault is damaged.
 */
export async function checkKeys(
  { passwords }: VaultPlace,
  { files, key, keyName }: Repository,
  findings: Findings,
): Promise<void> {
  for await (const name of files.list('keys')) {
    const problem = await problemOf(name).catch((error: unknown) => {
      if (hasCode(error, 'vault.damaged', 'destination.failed')) {
        return error.message
      }
      throw error
    })
    if (problem !== undefined) {
      findings.add(files.keyOf('keys', name), problem)
    }
  }

  async function problemOf(name: string): Promise<string | undefined> {
    const file = decodeKeyFile(await files.read('keys', name))
    if (file === undefined) {
      return 'it is no key of a vault'
    }
    for (const password of name === keyName ? [] : passwords) {
      const opened = await openKeyFile(file, password)
      if (opened !== undefined && !isSame(opened, key)) {
        return 'it is the key of another vault, and opens with the same password: restic may not open this one'
      }
    }
    return undefined
  }
}

function isSame(one: VaultKey, other: VaultKey): boolean {
  return one.encrypt.equals(other.encrypt) && one.macK.equals(other.macK) && one.macR.equals(other.macR)
}
