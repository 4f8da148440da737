import Type, { type Static } from 'typebox'
import { Id } from './words.ts'

/**
 * Who a shop is: its id and its keys. `privateKey` (Ed25519; PKCS #8, DER, base64) signs labels, `auditKey` (base64)
 * chains the audit log.
 */
export const Identity = Type.Object({
  kind: Type.Literal('tillsafe.identity'),
  version: Type.Literal(1),
  id: Id,
  privateKey: Type.String(),
  auditKey: Type.String(),
})
export type Identity = Static<typeof Identity>
