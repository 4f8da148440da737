import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { CipherKey } from './cipher-key.ts'
import { findCipher, findCipherIn } from './find-cipher.ts'
import type { PageCipher } from './page-cipher.ts'

/**
 * How a live database is to be opened. With `keys`, even with none of them, it has to be encrypted; without, it may not be.
 * Called before the process opens a connection. Errors: as `findCipher`, and `source.not-encrypted`.
 */
export function liveCipher(database: string, keys: readonly CipherKey[] | undefined): PageCipher | undefined {
  return requireExpected(findCipher(database, keys ?? [])?.cipher, database, keys)
}

/** The same through a descriptor that stays open. */
export function liveCipherIn(
  descriptor: number,
  database: string,
  keys: readonly CipherKey[] | undefined,
): PageCipher | undefined {
  return requireExpected(findCipherIn(descriptor, keys ?? [], database)?.cipher, database, keys)
}

function requireExpected(
  cipher: PageCipher | undefined,
  database: string,
  keys: readonly CipherKey[] | undefined,
): PageCipher | undefined {
  if (cipher === undefined && keys !== undefined) {
    throw new TillsafeError('source.not-encrypted', `${database} is not encrypted, but a key is known for it`)
  }
  return cipher
}
