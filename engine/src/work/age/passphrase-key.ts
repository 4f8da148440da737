import { createDecipheriv } from 'node:crypto'
import type { Identity, Stanza } from 'age-encryption'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { CIPHER, TAG_BYTES } from './age-format.ts'
import { GREATEST_WORK_FACTOR, scryptKey } from './scrypt-key.ts'

const FILE_KEY_BYTES = 16

/** A passphrase that is tried on age's scrypt stanza. Refuses a work factor that would take the machine's memory. */
export class PassphraseKey implements Identity {
  readonly #passphrase: string

  constructor(passphrase: string) {
    this.#passphrase = passphrase
  }

  async unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
    const stanza = stanzas.find(({ args }) => args[0] === 'scrypt')
    if (stanza === undefined) {
      return null
    }
    if (stanzas.length > 1) {
      throw new Error('a passphrase stands beside other recipients')
    }
    const { salt, workFactor } = parametersOf(stanza)
    return unwrapped(stanza.body, await scryptKey(this.#passphrase, salt, workFactor))
  }
}

function parametersOf({ args, body }: Stanza): { salt: Uint8Array; workFactor: number } {
  const [, salt = '', workFactor = '', ...more] = args
  const fits = /^[A-Za-z0-9+/]{22}$/.test(salt) && /^[1-9][0-9]*$/.test(workFactor) && more.length === 0
  if (!fits || body.byteLength !== FILE_KEY_BYTES + TAG_BYTES) {
    throw new Error('the scrypt stanza is malformed')
  }
  if (Number(workFactor) > GREATEST_WORK_FACTOR) {
    throw new TillsafeError(
      'file.over-limit',
      `the file asks for a work factor of ${workFactor.slice(0, 20)}; at most ${GREATEST_WORK_FACTOR} is opened here`,
      { hint: 'Tillsafe and stock age write smaller ones. If you trust the file, open it with `age --decrypt`.' },
    )
  }
  return { salt: Buffer.from(salt, 'base64'), workFactor: Number(workFactor) }
}

/** Null when the key is another one: age can't tell it from a changed stanza. */
function unwrapped(body: Uint8Array, key: Uint8Array): Uint8Array | null {
  const decipher = createDecipheriv(CIPHER, key, Buffer.alloc(12), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(body.subarray(FILE_KEY_BYTES))
  const fileKey = decipher.update(body.subarray(0, FILE_KEY_BYTES))
  try {
    decipher.final()
    return fileKey
  } catch {
    return null
  }
}
