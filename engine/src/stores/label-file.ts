import canonicalize from 'canonicalize'
import Type from 'typebox'
import { hasShape, LABEL_VERSION, Label, misfitOf, printable, TillsafeError } from '../model/index.ts'
import { isSignedBy, type Signer } from '../work/signer.ts'

/** What a label file turned out to be: a label of this shop, or one that another shop has signed. */
export type SignedLabel =
  | { readonly kind: 'own'; readonly label: Label }
  | { readonly kind: 'foreign'; readonly id: string; readonly shop: string }

/** A label file is never larger; a larger one is not read. */
export const LABEL_FILE_BYTES: number = 1024 * 1024

/** What every version of a label file has. */
const Envelope = Type.Object({
  label: Type.Object({
    kind: Type.Literal('tillsafe.label'),
    version: Type.Integer({ minimum: 1 }),
    id: Type.String(),
    shop: Type.Object({ name: Type.String(), publicKey: Type.String() }),
  }),
  signature: Type.Object({ algorithm: Type.String(), value: Type.String() }),
})
type Envelope = Type.Static<typeof Envelope>

/**
 * A label as a file: JSON with sorted keys and one value on a line. What is signed is the canonical JSON (RFC 8785)
 * of the label; see docs/format/copies.md.
 */
export function encodeLabel(label: Label, signer: Signer): Buffer {
  const signature = { algorithm: 'Ed25519', value: signer.sign(signedBytes(label)) }
  const sorted: unknown = JSON.parse(canonical({ label, signature }))
  return Buffer.from(`${JSON.stringify(sorted, null, 2)}\n`)
}

/**
 * Reads a label file. Errors: `backup.label-damaged` when it is no label or its signature does not fit,
 * `backup.label-newer` when a later Tillsafe wrote it.
 */
export function decodeLabel(bytes: Uint8Array, publicKey: string): SignedLabel {
  const { label, signature } = parseEnvelope(bytes)
  if (label.version > LABEL_VERSION) {
    throw new TillsafeError('backup.label-newer', `the label has version ${label.version}, newer than ${LABEL_VERSION}`)
  }
  if (signature.algorithm !== 'Ed25519' || !isSignedBy(label.shop.publicKey, bytesToSign(label), signature.value)) {
    throw damaged('its signature does not fit')
  }
  if (label.shop.publicKey !== publicKey) {
    return { kind: 'foreign', id: label.id, shop: printable(label.shop.name) }
  }
  if (!hasShape(Label, label)) {
    const misfit = misfitOf(Label, label)
    throw damaged(`${misfit?.path} ${misfit?.message}`)
  }
  return { kind: 'own', label }
}

/** The backup id that a label file claims, whether the rest of it holds or not. */
export function claimedId(bytes: Uint8Array): string | undefined {
  try {
    return parseEnvelope(bytes).label.id
  } catch {
    return undefined
  }
}

function parseEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.byteLength > LABEL_FILE_BYTES) {
    throw damaged(`it is larger than ${LABEL_FILE_BYTES} bytes`)
  }
  const parsed = parseJson(bytes)
  if (!hasShape(Envelope, parsed)) {
    const misfit = misfitOf(Envelope, parsed)
    throw damaged(`${misfit?.path} ${misfit?.message}`)
  }
  return parsed
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw damaged('it is not JSON', cause)
  }
}

function bytesToSign(label: unknown): Uint8Array {
  try {
    return signedBytes(label)
  } catch (cause) {
    throw damaged('it has no canonical form', cause)
  }
}

function signedBytes(label: unknown): Uint8Array {
  return Buffer.from(canonical(label))
}

function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) {
    throw new TypeError('only JSON has a canonical form')
  }
  return text
}

function damaged(why: string, cause?: unknown): TillsafeError {
  return new TillsafeError('backup.label-damaged', `the label cannot be trusted: ${why}`, { cause })
}
