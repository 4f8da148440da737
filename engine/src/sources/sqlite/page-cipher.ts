import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import type { SqliteCipher } from '../../work/sqlite.ts'

/** SQLCipher's formats, as their libraries write them unless told otherwise: https://www.zetetic.net/sqlcipher/design/ */
const FORMATS = {
  3: { digest: 'sha1', iterations: 64_000, macBytes: 20, reserved: 48, pageSize: 1024 },
  4: { digest: 'sha512', iterations: 256_000, macBytes: 64, reserved: 80, pageSize: 4096 },
} as const

export const SALT_BYTES = 16
const KEY_BYTES = 32
const IV_BYTES = 16
const MAC_SALT_MASK = 0x3a
const MAC_ITERATIONS = 2
/** A raw key, perhaps with the salt behind it; the one in the file counts. */
const RAW_KEY = /^x'([0-9a-f]{64})(?:[0-9a-f]{32})?'$/i
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/** The keys that one key of a person gives for one file: deriving them from a passphrase takes a fifth of a second. */
export interface DerivedKeys {
  readonly format: 3 | 4
  readonly page: Buffer
  readonly mac: Buffer
}

export function deriveKeys(key: string, format: 3 | 4, salt: Buffer): DerivedKeys {
  const { digest, iterations } = FORMATS[format]
  const raw = RAW_KEY.exec(key)?.[1]
  const page = raw === undefined ? pbkdf2Sync(key, salt, iterations, KEY_BYTES, digest) : Buffer.from(raw, 'hex')
  const macSalt = Buffer.from(salt.map((byte) => byte ^ MAC_SALT_MASK))
  return { format, page, mac: pbkdf2Sync(page, macSalt, MAC_ITERATIONS, KEY_BYTES, digest) }
}

/**
 * The pages of one file that SQLCipher encrypted. Each carries its own IV and an HMAC over its bytes and its number, in
 * the database file and in a frame of the WAL alike: https://www.zetetic.net/sqlcipher/design/
 */
export class PageCipher implements SqliteCipher {
  readonly format: 3 | 4
  readonly pageSize: number
  readonly #keys: DerivedKeys

  constructor(keys: DerivedKeys, pageSize: number = FORMATS[keys.format].pageSize) {
    this.format = keys.format
    this.pageSize = pageSize
    this.#keys = keys
  }

  /** Opens the file without deriving anything again. */
  get key(): string {
    return `x'${this.#keys.page.toString('hex')}'`
  }

  /** Whether a page is as somebody with the key wrote it, under this number. */
  isAuthentic(page: Buffer, number: number): boolean {
    const { digest, macBytes } = FORMATS[this.format]
    const signed = this.#contentEnd + IV_BYTES
    const mac = createHmac(digest, this.#keys.mac)
      .update(page.subarray(contentStart(number), signed))
      .update(littleEndian(number))
      .digest()
    return timingSafeEqual(mac, page.subarray(signed, signed + macBytes))
  }

  /** What the engine sees of a page, without the bytes that are reserved for IV and HMAC; undefined when it is not authentic. */
  decrypt(page: Buffer, number: number): Buffer | undefined {
    if (!this.isAuthentic(page, number)) {
      return undefined
    }
    const end = this.#contentEnd
    const cipher = createDecipheriv('aes-256-cbc', this.#keys.page, page.subarray(end, end + IV_BYTES))
    cipher.setAutoPadding(false)
    const content = [cipher.update(page.subarray(contentStart(number), end)), cipher.final()]
    return Buffer.concat(number === 1 ? [MAGIC, ...content] : content)
  }

  /** A keyed hash: what is written down with it tells nothing to those who don't have the key. */
  hash(): ReturnType<typeof createHmac> {
    return createHmac('sha256', this.#keys.page)
  }

  get #contentEnd(): number {
    return this.pageSize - FORMATS[this.format].reserved
  }
}

/** Page 1 begins with the salt, in the place of SQLite's own first bytes. */
function contentStart(number: number): number {
  return number === 1 ? SALT_BYTES : 0
}

function littleEndian(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}
