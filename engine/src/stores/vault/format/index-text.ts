import { type BlobColumns, newColumns, sliceColumns } from './blob-columns.ts'
import { ID_BYTES } from './blob-id.ts'

/** The packs of an index file, and their blobs one behind the other. */
export interface IndexColumns {
  readonly packs: readonly string[]
  /** Where the blobs of each pack begin. */
  readonly starts: readonly number[]
  readonly blobs: BlobColumns
}

/** No blob has a shorter text. */
const LEAST_BLOB_TEXT = 109

/**
 * Reads an index exactly as restic and we write it, several times as quick as by way of JSON. Undefined for any other text: JSON has
 * many for the same.
 */
export function readIndexText(bytes: Uint8Array): IndexColumns | undefined {
  const text = new TextReader(bytes)
  const blobs = newColumns(Math.ceil(bytes.byteLength / LEAST_BLOB_TEXT))
  const packs: string[] = []
  const starts: number[] = []
  let blob = 0
  text.skip(BEGIN)
  while (text.fits && !text.skips(END)) {
    text.skip(packs.length === 0 ? PACK : NEXT_PACK)
    packs.push(text.hexId())
    starts.push(blob)
    text.skip(BLOBS)
    while (text.fits && !text.skips(PACK_END)) {
      text.skip(blob === starts.at(-1) ? BLOB : NEXT_BLOB)
      readBlob(text, blobs, blob)
      blob += 1
    }
  }
  return text.fits && text.hasEnded ? { packs, starts, blobs: sliceColumns(blobs, 0, blob) } : undefined
}

const BEGIN = Buffer.from('{"packs":[')
const PACK = Buffer.from('{"id":"')
const NEXT_PACK = Buffer.from(',{"id":"')
const BLOBS = Buffer.from('","blobs":[')
const BLOB = Buffer.from('{"id":"')
const NEXT_BLOB = Buffer.from(',{"id":"')
const TYPE = Buffer.from('","type":"')
const DATA = Buffer.from('data')
const TREE = Buffer.from('tree')
const OFFSET = Buffer.from('","offset":')
const LENGTH = Buffer.from(',"length":')
const PLAIN_LENGTH = Buffer.from(',"uncompressed_length":')
const BLOB_END = Buffer.from('}')
const PACK_END = Buffer.from(']}')
const END = Buffer.from(']}')

function readBlob(text: TextReader, { ids, trees, offsets, lengths, plainLengths }: BlobColumns, blob: number): void {
  text.readId(ids, blob * ID_BYTES)
  text.skip(TYPE)
  if (text.skips(TREE)) {
    trees[blob] = 1
  } else {
    text.skip(DATA)
  }
  text.skip(OFFSET)
  offsets[blob] = text.number()
  text.skip(LENGTH)
  lengths[blob] = text.number()
  if (text.skips(PLAIN_LENGTH)) {
    plainLengths[blob] = text.number()
  }
  text.skip(BLOB_END)
}

const ZERO = 48
const MOST = 2 ** 32 - 1
/** The value of each small hexadecimal digit; of all others a byte that has higher bits. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return digit < 0 ? 0x10 : digit
})

/** Reads a text from its beginning, until something does not fit. */
class TextReader {
  readonly #bytes: Uint8Array
  #at = 0
  /** Whether everything was as expected so far. */
  fits = true

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get hasEnded(): boolean {
    return this.#at === this.#bytes.byteLength
  }

  skip(expected: Uint8Array): void {
    if (!this.skips(expected)) {
      this.fits = false
    }
  }

  /** Whether that follows; then it is behind us. */
  skips(expected: Uint8Array): boolean {
    for (let index = 0; index < expected.length; index += 1) {
      if (this.#bytes[this.#at + index] !== expected[index]) {
        return false
      }
    }
    this.#at += expected.length
    return true
  }

  /** 64 small hexadecimal digits. */
  readId(target: Uint8Array, position: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let strange = 0
    for (let index = 0; index < ID_BYTES; index += 1) {
      const high = DIGITS[bytes[at] ?? 0] ?? 0
      const low = DIGITS[bytes[at + 1] ?? 0] ?? 0
      strange |= high | low
      target[position + index] = (high << 4) | low
      at += 2
    }
    this.#at = at
    if (strange > 15) {
      this.fits = false
    }
  }

  hexId(): string {
    const id = Buffer.alloc(ID_BYTES)
    this.readId(id, 0)
    return id.toString('hex')
  }

  /** A whole number of 32 bits, without zeros before it. */
  number(): number {
    const start = this.#at
    let value = 0
    for (; this.#at - start < 11; this.#at += 1) {
      const digit = (this.#bytes[this.#at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) {
        break
      }
      value = value * 10 + digit
    }
    const digits = this.#at - start
    if (digits === 0 || value > MOST || (digits > 1 && this.#bytes[start] === ZERO)) {
      this.fits = false
    }
    return value
  }
}
