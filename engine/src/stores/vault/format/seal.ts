import { type Cipheriv, createCipheriv, randomFillSync } from 'node:crypto'
import sodium from 'sodium-native'

/** A key of a vault: AES-256 for what is hidden, Poly1305-AES (its AES key and its `r`) for what must not be changed. */
export interface VaultKey {
  readonly encrypt: Buffer
  readonly macK: Buffer
  readonly macR: Buffer
}

const IV_BYTES = 16
const MAC_BYTES = 16
/** What sealing adds to the bytes. */
export const SEAL_BYTES: number = IV_BYTES + MAC_BYTES

/** The bytes were not sealed with this key, or were changed since. */
export class SealBroken extends Error {}

/**
 * Seals and opens bytes as restic does: IV (16) ‖ AES-256-CTR ‖ Poly1305-AES (16) over the ciphertext, with the one-time
 * key `r` ‖ AES-128(k, IV). Source: restic, References, Design, "Keys, Encryption and MAC".
 */
export class Sealer {
  readonly key: VaultKey
  /** A block cipher without a chain: it serves any number of IVs. */
  readonly #pads: Cipheriv
  readonly #oneTimeKey: Buffer = Buffer.alloc(32)
  readonly #mac: Buffer = Buffer.alloc(MAC_BYTES)

  constructor(key: VaultKey) {
    this.key = key
    this.#pads = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false)
    key.macR.copy(this.#oneTimeKey)
  }

  seal(plain: Uint8Array): Buffer {
    const sealed = Buffer.allocUnsafe(plain.byteLength + SEAL_BYTES)
    const iv = sealed.subarray(0, IV_BYTES)
    randomFillSync(iv)
    const hidden = sealed.subarray(IV_BYTES, -MAC_BYTES)
    createCipheriv('aes-256-ctr', this.key.encrypt, iv).update(plain).copy(hidden)
    this.#authenticate(iv, hidden).copy(sealed, IV_BYTES + plain.byteLength)
    return sealed
  }

  /** Error: `SealBroken`. */
  unseal(sealed: Uint8Array): Buffer {
    if (sealed.byteLength < SEAL_BYTES) {
      throw new SealBroken(`${sealed.byteLength} bytes are too few to be sealed`)
    }
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    const iv = bytes.subarray(0, IV_BYTES)
    const hidden = bytes.subarray(IV_BYTES, -MAC_BYTES)
    if (!sodium.sodium_memcmp(this.#authenticate(iv, hidden), bytes.subarray(-MAC_BYTES))) {
      throw new SealBroken('the bytes were changed, or sealed with another key')
    }
    return createCipheriv('aes-256-ctr', this.key.encrypt, iv).update(hidden)
  }

  #authenticate(iv: Buffer, hidden: Buffer): Buffer {
    this.#pads.update(iv).copy(this.#oneTimeKey, 16)
    sodium.crypto_onetimeauth(this.#mac, hidden, this.#oneTimeKey)
    return this.#mac
  }
}
