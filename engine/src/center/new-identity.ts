import { generateKeyPairSync } from 'node:crypto'
import { type Identity, type RandomBytes, randomId } from '../model/index.ts'

/** A new shop's identity. */
export function newIdentity(random: RandomBytes): Identity {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    kind: 'tillsafe.identity',
    version: 1,
    id: randomId(random),
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    auditKey: Buffer.from(random(32)).toString('base64'),
  }
}
