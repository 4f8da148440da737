import { TillsafeError } from '../../../model/index.ts'
import { encodeKeyFile, openKeyFile } from '../format/key-file.ts'
import { type NewPassword, readKeyFile } from '../repository/open-repository.ts'
import type { Repository } from '../repository/repository.ts'

/** A key of a vault as a person sees it. */
export type VaultKeyEntry =
  | {
      readonly kind: 'key'
      readonly name: string
      readonly created: string | undefined
      readonly username: string | undefined
      readonly hostname: string | undefined
      /** Whether it has opened the vault now. */
      readonly isInUse: boolean
    }
  | { readonly kind: 'damaged'; readonly name: string }

/** All keys of a vault. */
export async function listKeys({ files, keyName }: Repository): Promise<VaultKeyEntry[]> {
  const keys: VaultKeyEntry[] = []
  for await (const name of files.list('keys')) {
    const file = await readKeyFile(files, name)
    if (file === undefined) {
      keys.push({ kind: 'damaged', name })
    } else {
      const { created, username, hostname } = file
      keys.push({ kind: 'key', name, created, username, hostname, isInUse: name === keyName })
    }
  }
  return keys
}

/** Adds a key, and opens it before it counts. Gives its name. Error: `destination.failed`. */
export async function addKey({ files, key }: Repository, added: NewPassword, nowMs: number): Promise<string> {
  const { password, kind, maker } = added
  const name = await files.write('keys', await encodeKeyFile(key, password, kind, maker, nowMs))
  const file = await readKeyFile(files, name)
  const opened = file === undefined ? undefined : await openKeyFile(file, password)
  if (opened?.encrypt.equals(key.encrypt) && opened.macK.equals(key.macK) && opened.macR.equals(key.macR)) {
    return name
  }
  await files.remove('keys', name).catch(() => undefined)
  throw new TillsafeError('destination.failed', 'the new key was read back, and does not open the vault')
}

/**
 * Removes a key by its name. Never the one in use, and so never the last that opens: whoever removes it has another in hand.
 * Works under an exclusive lock. Error: `usage.invalid`.
 */
export async function removeKey(repository: Repository, name: string): Promise<void> {
  const keys = await listKeys(repository)
  const found = keys.find((key) => key.name === name)
  if (found === undefined) {
    throw new TillsafeError('usage.invalid', `the vault has no key ${name.slice(0, 64)}`)
  }
  if (name === repository.keyName) {
    throw new TillsafeError('usage.invalid', 'the key in use cannot be removed', {
      hint: 'Change its password instead, or open the vault with another key.',
    })
  }
  if (!keys.some((key) => key.kind === 'key' && key.isInUse)) {
    throw new TillsafeError('usage.invalid', 'the key in use is no longer in the vault: no other is removed', {
      hint: 'Add a key first.',
    })
  }
  await repository.files.remove('keys', name)
}

/** Puts a new password in the place of the one in use. The old key goes once the new one opens. Gives the new name. */
export async function changeKey(repository: Repository, changed: NewPassword, nowMs: number): Promise<string> {
  const name = await addKey(repository, changed, nowMs)
  await repository.files.remove('keys', repository.keyName)
  return name
}
