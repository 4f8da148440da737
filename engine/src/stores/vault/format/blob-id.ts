import { hash } from 'node:crypto'

/** What a blob is called: the SHA-256 of its plain bytes. */
export function blobIdOf(plain: Uint8Array): Buffer {
  return hash('sha256', plain, 'buffer')
}

/** Bytes of an id. */
export const ID_BYTES = 32
