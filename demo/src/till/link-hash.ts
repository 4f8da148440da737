import { createHmac } from 'node:crypto'

/** The previous hash of a chain's first record. */
export const FIRST_PREVIOUS_HASH: string = '0'.repeat(64)

/** A record's place in its chain: HMAC-SHA-256 of the previous hash, a line feed, and the record's text. */
export function linkHash(key: Uint8Array, previousHash: string, text: string): string {
  return createHmac('sha256', key).update(`${previousHash}\n${text}`).digest('hex')
}
