import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'

/** Signs in the shop's name, with Ed25519. */
export interface Signer {
  /** SPKI, DER, base64. */
  readonly publicKey: string
  /** The signature, base64. */
  sign(bytes: Uint8Array): string
}

/** A signer from a private key in PKCS #8, DER, base64. */
export function ed25519Signer(privateKey: string): Signer {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  return {
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
    sign: (bytes) => sign(null, bytes, key).toString('base64'),
  }
}

/** Whether the signature of `bytes` was made with the private part of `publicKey`. False for garbage of any kind. */
export function isSignedBy(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' && verify(null, bytes, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
