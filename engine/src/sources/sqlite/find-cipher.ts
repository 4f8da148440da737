import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import type { CipherKey } from './cipher-key.ts'
import { looksRandom } from './looks-random.ts'
import { type DerivedKeys, deriveKeys, PageCipher, SALT_BYTES } from './page-cipher.ts'
import { readSettled } from './read-settled.ts'

/** How a file is encrypted, and which of the keys opens it. */
export interface FoundCipher {
  readonly cipher: PageCipher
  /** Its place among the keys that were tried. */
  readonly key: number
}

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1')
/** SQLite has pages of 512 bytes as well; with what SQLCipher reserves, they are too small for it. */
const PAGE_SIZES = [4096, 1024, 2048, 8192, 16_384, 32_768, 65_536]
const FORMATS = [4, 3] as const
/** Enough for several pages of every size. */
const HEAD_BYTES = 4 * 65_536

/**
 * Which key opens a file; undefined for a plain database. Decided by the HMACs of its first pages, so nothing is opened.
 * Never called while this process has a connection to the file: closing a descriptor would drop its locks.
 * Errors: `source.key-needed`, `source.key-wrong`, `source.damaged`, `source.not-a-database`.
 */
export function findCipher(file: string, keys: readonly CipherKey[], of: string = file): FoundCipher | undefined {
  const descriptor = openThere(file, of)
  try {
    return findCipherIn(descriptor, keys, of)
  } finally {
    closeSync(descriptor)
  }
}

/** The same through a descriptor that stays open. */
export function findCipherIn(descriptor: number, keys: readonly CipherKey[], of: string): FoundCipher | undefined {
  const first = readHead(descriptor)
  if (first.subarray(0, MAGIC.byteLength).equals(MAGIC)) {
    return undefined
  }
  requireEncrypted(first, fstatSync(descriptor).size, of)
  if (keys.length === 0) {
    throw new TillsafeError('source.key-needed', `${of} is encrypted, and there is no key for it`)
  }
  const candidates = new Candidates(keys)
  // A checkpoint of the till may be writing page 1.
  const found = readSettled(
    () => readHead(descriptor),
    (head) => candidates.openingPage(1, head),
  )
  if (found === undefined) {
    throw whyNot(candidates, readHead(descriptor), of)
  }
  return found
}

function openThere(file: string, of: string): number {
  try {
    return openSync(file, 'r')
  } catch (cause) {
    throw (cause as { code?: string }).code === 'ENOENT'
      ? new TillsafeError('source.missing', `${of} is not there`, { cause })
      : cause
  }
}

function readHead(descriptor: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0))
}

function requireEncrypted(head: Buffer, bytes: number, of: string): void {
  if (bytes < 512 || bytes % 512 !== 0 || !looksRandom(head.subarray(0, 1024))) {
    throw new TillsafeError('source.not-a-database', `${of} (${bytes} bytes) is no SQLite database`)
  }
}

function whyNot(candidates: Candidates, head: Buffer, of: string): TillsafeError {
  const others = [2, 3, 4, 5, 6, 7, 8].map((number) => candidates.openingPage(number, head))
  return others.some((found) => found !== undefined)
    ? new TillsafeError('source.damaged', `the first page of ${of} is damaged: its key opens other pages only`)
    : new TillsafeError('source.key-wrong', `${of} is encrypted, and does not open with the key that is known for it`)
}

/** The keys in both formats; each is derived when it is tried for the first time. */
class Candidates {
  readonly #keys: readonly { readonly key: number; readonly text: string; readonly format: 3 | 4 }[]
  readonly #derived = new Map<string, DerivedKeys>()

  constructor(keys: readonly CipherKey[]) {
    this.#keys = keys.flatMap(({ key: text, format }, key) =>
      FORMATS.filter((one) => format === undefined || format === one).map((one) => ({ key, text, format: one })),
    )
  }

  /** The first one that has made the page of this number, of whatever size. */
  openingPage(number: number, head: Buffer): FoundCipher | undefined {
    for (const { key, text, format } of this.#keys) {
      const derived = this.#derive(key, text, format, head.subarray(0, SALT_BYTES))
      for (const size of PAGE_SIZES.filter((bytes) => bytes * number <= head.byteLength)) {
        const cipher = new PageCipher(derived, size)
        if (cipher.isAuthentic(head.subarray((number - 1) * size, number * size), number)) {
          return { cipher, key }
        }
      }
    }
    return undefined
  }

  #derive(key: number, text: string, format: 3 | 4, salt: Buffer): DerivedKeys {
    const name = `${key} ${format} ${salt.toString('hex')}`
    const derived = this.#derived.get(name) ?? deriveKeys(text, format, salt)
    this.#derived.set(name, derived)
    return derived
  }
}
