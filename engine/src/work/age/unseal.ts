import { createDecipheriv } from 'node:crypto'
import type { Decrypter, Stanza } from 'age-encryption'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import {
  ARMOR_LINE,
  CHUNK_BYTES,
  CIPHER,
  chunkNonce,
  PAYLOAD_NONCE_BYTES,
  payloadKey,
  TAG_BYTES,
  VERSION_LINE,
} from './age-format.ts'
import { ageLibrary } from './age-library.ts'
import { ByteIntake } from './byte-intake.ts'
import { PassphraseKey } from './passphrase-key.ts'

/** What opens a sealed file: its passphrase, or the private keys (`AGE-SECRET-KEY-1…`) that are tried on it. */
export type Unlock =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'identities'; readonly identities: readonly string[] }

/**
 * The text of an age file. No byte comes out before it is authenticated, and the end is authenticated too. Errors:
 * before the first byte `key.wrong`, and `file.over-limit` for a passphrase that takes too much work; at any point
 * `archive.damaged` for what was cut or changed. Errors of the stream itself pass.
 */
export async function* unsealed(stream: AsyncIterable<Uint8Array>, key: Unlock): AsyncIterable<Uint8Array> {
  await using intake = new ByteIntake(stream)
  const fileKey = await openHeader(await takeHeader(intake), decrypterFor(key))
  const nonce = await intake.fill(Buffer.alloc(PAYLOAD_NONCE_BYTES))
  if (nonce.byteLength < PAYLOAD_NONCE_BYTES) {
    throw damaged('it ends too early')
  }
  const payload = payloadKey(fileKey, nonce)
  const room = Buffer.allocUnsafe(CHUNK_BYTES + TAG_BYTES)
  for (let index = 0, isLast = false; !isLast; index++) {
    const chunk = await intake.fill(room)
    isLast = await intake.isAtEnd()
    const text = openChunk(chunk, payload, chunkNonce(index, isLast))
    if (text === undefined || (text.byteLength === 0 && index > 0)) {
      throw damaged(
        isLast ? 'it ends too early, or its end was changed' : `it was changed near byte ${index * CHUNK_BYTES}`,
      )
    }
    if (text.byteLength > 0) {
      yield text
    }
  }
}

/** Whether a file begins as age files do, as bytes or as armored text. Armored ones are recognised, not opened. */
export function isSealed(firstBytes: Uint8Array): boolean {
  return beginsWith(firstBytes, VERSION_LINE) || beginsWith(firstBytes, ARMOR_LINE)
}

/** More than any person's recipients need: what is longer is no header. */
const MOST_HEADER_BYTES = 64 * 1024

async function takeHeader(intake: ByteIntake): Promise<Buffer> {
  const first = await intake.takeLine(VERSION_LINE.length)
  if (beginsWith(first, ARMOR_LINE.slice(0, first.byteLength)) && first.byteLength === VERSION_LINE.length) {
    throw new TillsafeError('usage.invalid', 'this age file is armored: text, not bytes', {
      hint: 'Open it with `age --decrypt`, and use what comes out.',
    })
  }
  if (!beginsWith(first, VERSION_LINE)) {
    throw damaged('it does not begin as age files do')
  }
  const lines = [first]
  for (let left = MOST_HEADER_BYTES; left > 0; ) {
    const line = await intake.takeLine(left)
    lines.push(line)
    left -= line.byteLength
    if (line.at(-1) !== LINE_FEED) {
      break
    }
    if (beginsWith(line, '---')) {
      return Buffer.concat(lines)
    }
  }
  throw damaged('its header has no end')
}

const LINE_FEED = 0x0a

async function openHeader(header: Uint8Array, decrypter: Decrypter): Promise<Uint8Array> {
  try {
    return await decrypter.decryptHeader(header)
  } catch (cause) {
    throw cause instanceof TillsafeError ? cause : damaged('its header was changed', cause)
  }
}

/** Keys are tried in their order; the last one says that none fits. */
function decrypterFor(key: Unlock): Decrypter {
  const decrypter = new (ageLibrary().Decrypter)()
  if (key.kind === 'passphrase') {
    decrypter.addIdentity(new PassphraseKey(key.passphrase))
  } else {
    for (const identity of key.identities) {
      addIdentity(decrypter, identity)
    }
  }
  decrypter.addIdentity({
    unwrapFileKey(stanzas) {
      throw new TillsafeError('key.wrong', whyWrong(key, stanzas))
    },
  })
  return decrypter
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity)
  } catch {
    // Without its cause: the library's message may hold the key.
    throw new TillsafeError('key.wrong', 'what was given is no private key of age', {
      hint: 'A private key begins with AGE-SECRET-KEY-1.',
    })
  }
}

function whyWrong({ kind }: Unlock, stanzas: readonly Stanza[]): string {
  const wantsPassphrase = stanzas.some(({ args }) => args[0] === 'scrypt')
  if (kind === 'passphrase') {
    return wantsPassphrase
      ? 'the passphrase does not open the file'
      : 'the file is sealed for the holders of keys: no passphrase opens it'
  }
  return wantsPassphrase ? 'the file is sealed with a passphrase: no key opens it' : 'the key does not open the file'
}

/** The text of one chunk, authenticated; undefined when it isn't what was sealed. */
function openChunk(chunk: Buffer, key: Uint8Array, nonce: Uint8Array): Buffer | undefined {
  const textBytes = chunk.byteLength - TAG_BYTES
  if (textBytes < 0) {
    return undefined
  }
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(chunk.subarray(textBytes))
  const text = decipher.update(chunk.subarray(0, textBytes))
  try {
    decipher.final()
    return text
  } catch {
    return undefined
  }
}

function beginsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text
}

function damaged(why: string, cause?: unknown): TillsafeError {
  return new TillsafeError('archive.damaged', `the sealed file is not whole: ${why}`, { cause })
}
