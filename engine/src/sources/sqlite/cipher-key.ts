import type { DatabaseEncryption } from '../../model/index.ts'

/** A key that may open a database. It travels to child processes in the message of their task, and nowhere else. */
export interface CipherKey {
  /** A passphrase, or a raw key as SQLCipher writes it: `x'…'`. */
  readonly key: string
  /** The only format that is tried; both when absent, 4 first. */
  readonly format?: 3 | 4
}

/** How labels name the encryption. */
export function encryptionOf(cipher: { readonly format: 3 | 4 } | undefined): DatabaseEncryption {
  return cipher === undefined ? 'none' : `sqlcipher-${cipher.format}`
}
