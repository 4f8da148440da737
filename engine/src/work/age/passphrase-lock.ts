import { createCipheriv, randomBytes } from 'node:crypto'
import type { Recipient, Stanza } from 'age-encryption'
import { CIPHER, TAG_BYTES } from './age-format.ts'
import { scryptKey, WORK_FACTOR } from './scrypt-key.ts'

const SALT_BYTES = 16

/** Whoever knows the passphrase: age's scrypt stanza. */
export class PassphraseLock implements Recipient {
  readonly #passphrase: string

  constructor(passphrase: string) {
    this.#passphrase = passphrase
  }

  async wrapFileKey(fileKey: Uint8Array): Promise<Stanza[]> {
    const salt = randomBytes(SALT_BYTES)
    const key = await scryptKey(this.#passphrase, salt, WORK_FACTOR)
    // The key is used once, so the nonce may be zero.
    const cipher = createCipheriv(CIPHER, key, Buffer.alloc(12), { authTagLength: TAG_BYTES })
    const wrapped = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
    return [{ args: ['scrypt', salt.toString('base64').replace(/=+$/, ''), String(WORK_FACTOR)], body: wrapped }]
  }
}
