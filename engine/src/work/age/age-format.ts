import { hkdfSync } from 'node:crypto'

/** What age files are made of: https://c2sp.org/age, version 1. */
export const VERSION_LINE = 'age-encryption.org/v1\n'

/** The first line of an age file that was turned into text. */
export const ARMOR_LINE = '-----BEGIN AGE ENCRYPTED FILE-----'

export const CIPHER = 'chacha20-poly1305'
export const TAG_BYTES = 16
/** Text is sealed in chunks of this size; the last one is shorter, and empty only when all is. */
export const CHUNK_BYTES = 65_536
export const PAYLOAD_NONCE_BYTES = 16

/** The key of the payload, from the file key that the header wraps and the nonce that follows the header. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32))
}

/** Each chunk has its own nonce: its number, and whether it is the last. So none is moved, and none is cut off. */
export function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}
