import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { isSignedBy, type Signer } from '../work/signer.ts'

/** How one entry of a chained log is bound to the one before. */
export interface Link {
  readonly prevHash: string
  /** HMAC-SHA-256, hex, of `prevHash`, a line feed, and the entry as canonical JSON (RFC 8785). */
  readonly hash: string
  /** Ed25519 over the hash: whoever has only the public key can check the heads. */
  readonly signature: string
}

/** The previous hash of the first entry. */
export const CHAIN_BEGIN: string = '0'.repeat(64)

/** Binds an entry to the chain. */
export function chain(entry: object, prevHash: string, key: string, signer: Signer): Link {
  const hash = hashOf(entry, prevHash, key)
  return { prevHash, hash, signature: signer.sign(Buffer.from(hash)) }
}

/** What breaks the chain at this entry, as a sentence; undefined when it holds. */
export function breakOf(
  entry: object,
  link: Link,
  prevHash: string,
  key: string,
  publicKey: string,
): string | undefined {
  if (link.prevHash !== prevHash) {
    return 'does not follow the entry before it'
  }
  if (hashOf(entry, prevHash, key) !== link.hash) {
    return 'was altered'
  }
  return isSignedBy(publicKey, Buffer.from(link.hash), link.signature) ? undefined : 'is not signed by this shop'
}

function hashOf(entry: object, prevHash: string, key: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${prevHash}\n${canonicalize(entry)}`)
    .digest('hex')
}
