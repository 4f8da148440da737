import { createCipheriv, randomBytes } from 'node:crypto'
import type { Encrypter } from 'age-encryption'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { CHUNK_BYTES, CIPHER, chunkNonce, PAYLOAD_NONCE_BYTES, payloadKey, TAG_BYTES } from './age-format.ts'
import { ageLibrary } from './age-library.ts'
import { ByteIntake } from './byte-intake.ts'
import { PassphraseLock } from './passphrase-lock.ts'

/** Who can open what is sealed: whoever knows a passphrase, or has the key of one of the recipients (`age1…`). */
export type Lock =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] }

/**
 * A stream as an age file that stock age opens. The library makes the header; the payload is sealed with Node's own
 * cipher, which is ten times as fast as the library's. Errors: `usage.invalid` for what is no recipient.
 */
export async function* sealed(stream: AsyncIterable<Uint8Array>, lock: Lock): AsyncIterable<Uint8Array> {
  await using intake = new ByteIntake(stream)
  const { header, fileKey } = await makeHeader(lock)
  const nonce = randomBytes(PAYLOAD_NONCE_BYTES)
  yield Buffer.concat([header, nonce])
  const key = payloadKey(fileKey, nonce)
  const room = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let index = 0, isLast = false; !isLast; index++) {
    const chunk = await intake.fill(room)
    isLast = await intake.isAtEnd()
    const cipher = createCipheriv(CIPHER, key, chunkNonce(index, isLast), { authTagLength: TAG_BYTES })
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
}

/** Throws `usage.invalid` unless each is an age recipient, and there is one. */
export function requireRecipients(recipients: readonly string[]): void {
  encrypterFor(recipients)
}

/** The header of a new file, and the file key that it wraps: a recipient of our own looks at what is wrapped. */
async function makeHeader(lock: Lock): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  let fileKey = new Uint8Array()
  const encrypter = lock.kind === 'recipients' ? encrypterFor(lock.recipients) : new (ageLibrary().Encrypter)()
  if (lock.kind === 'passphrase') {
    encrypter.addRecipient(new PassphraseLock(lock.passphrase))
  }
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = Uint8Array.from(key)
      return []
    },
  })
  const empty = await encrypter.encrypt(new Uint8Array())
  return { header: empty.subarray(0, empty.byteLength - PAYLOAD_NONCE_BYTES - TAG_BYTES), fileKey }
}

function encrypterFor(recipients: readonly string[]): Encrypter {
  const encrypter = new (ageLibrary().Encrypter)()
  if (recipients.length === 0) {
    throw new TillsafeError('usage.invalid', 'nobody is named who could open the file', { hint: HINT })
  }
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      // A private key given by mistake must not be repeated in a message.
      const named = recipient.startsWith('age1') ? `${recipient.slice(0, 80)} is` : 'what was given is'
      throw new TillsafeError('usage.invalid', `${named} no age recipient`, { cause, hint: HINT })
    }
  }
  return encrypter
}

const HINT = 'A recipient begins with age1: `age-keygen` prints it as the public key.'
