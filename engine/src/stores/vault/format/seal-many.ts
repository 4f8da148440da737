import { type Cipheriv, createCipheriv, randomBytes } from 'node:crypto'
import sodium from 'sodium-native'
import { blocksBytes, Keystreams } from './keystreams.ts'
import { SEAL_BYTES, type VaultKey } from './seal.ts'

/** Where sealed messages lie. */
export interface SealedPlaces {
  readonly offsets: Uint32Array
  readonly lengths: Uint32Array
}

const IV_BYTES = 16
const MAC_BYTES = 16
/** Where the hidden bytes of a message begin in it. */
export const SEALED_FROM: number = IV_BYTES
/** Shorter messages are hidden together; for longer ones a cipher of their own costs less. */
const SHORT_BYTES = 8 * 1024
const TOGETHER_BYTES = 32 * 1024
const MOST_TOGETHER = 256
/** A cipher makes new memory for what it is given: small pieces of it are cheap. */
const STEP_BYTES = 32 * 1024
/** Room for a longer message is not kept. */
const KEPT_BYTES = 1024 * 1024

/** Seals and opens many messages, each as `Sealer` does one. */
export class ManySealer {
  readonly #encrypt: Buffer
  readonly #pads: Cipheriv
  readonly #keystreams: Keystreams
  readonly #ivs: Buffer = Buffer.alloc(MOST_TOGETHER * IV_BYTES)
  readonly #oneTimeKey: Buffer = Buffer.alloc(32)
  readonly #words: Uint32Array<ArrayBuffer> = new Uint32Array(SHORT_BYTES / 4)
  readonly #short: Buffer = Buffer.from(this.#words.buffer)
  #long: Buffer = Buffer.alloc(0)

  constructor({ encrypt, macK, macR }: VaultKey) {
    this.#encrypt = encrypt
    this.#pads = createCipheriv('aes-128-ecb', macK, null).setAutoPadding(false)
    this.#keystreams = new Keystreams(encrypt, TOGETHER_BYTES)
    macR.copy(this.#oneTimeKey)
  }

  /**
   * Opens one after the other. Undefined for what was changed, or sealed with another key. What it gives is a view: it is valid
   * until the next is asked for.
   */
  *open(sealed: Uint8Array, places: SealedPlaces): Iterable<Buffer | undefined> {
    const bytes = asBuffer(sealed)
    for (const group of this.#groups(bytes, places)) {
      for (let index = group.start; index < group.end; index += 1) {
        const offset = places.offsets[index] ?? 0
        const length = places.lengths[index] ?? 0
        if (!isInside(bytes, offset, length)) {
          yield undefined
          continue
        }
        const mac = offset + length - MAC_BYTES
        const hidden = bytes.subarray(offset + IV_BYTES, mac)
        this.#setPad(group, index)
        const isWhole = sodium.crypto_onetimeauth_verify(bytes.subarray(mac, mac + MAC_BYTES), hidden, this.#oneTimeKey)
        const iv = bytes.subarray(offset, offset + IV_BYTES)
        const stream = takeStream(group, hidden.byteLength)
        yield isWhole ? this.#changed(hidden, iv, stream) : undefined
      }
    }
  }

  /** Seals in place: the plain bytes of each message lie where its hidden bytes will, `SEALED_FROM` behind its beginning. */
  seal(target: Uint8Array, places: SealedPlaces): void {
    const bytes = asBuffer(target)
    const ivs = randomBytes(places.offsets.length * IV_BYTES)
    for (const [index, offset] of places.offsets.entries()) {
      ivs.copy(bytes, offset, index * IV_BYTES, (index + 1) * IV_BYTES)
    }
    for (const group of this.#groups(bytes, places)) {
      for (let index = group.start; index < group.end; index += 1) {
        const offset = places.offsets[index] ?? 0
        const length = places.lengths[index] ?? 0
        if (!isInside(bytes, offset, length)) {
          throw new RangeError(`${length} bytes at ${offset} cannot be sealed in ${bytes.byteLength}`)
        }
        const mac = offset + length - MAC_BYTES
        const text = bytes.subarray(offset + IV_BYTES, mac)
        const iv = bytes.subarray(offset, offset + IV_BYTES)
        text.set(this.#changed(text, iv, takeStream(group, text.byteLength)))
        this.#setPad(group, index)
        sodium.crypto_onetimeauth(bytes.subarray(mac, mac + MAC_BYTES), text, this.#oneTimeKey)
      }
    }
  }

  /** Messages whose pads and keystreams are made together. */
  *#groups(bytes: Buffer, places: SealedPlaces): Iterable<Group> {
    for (let start = 0; start < places.offsets.length; ) {
      const end = this.#gather(bytes, places, start)
      const pads = this.#pads.update(this.#ivs.subarray(0, (end - start) * IV_BYTES))
      yield { start, end, pads, streams: aligned(this.#keystreams.take()), used: 0 }
      start = end
    }
  }

  /** Asks for the pads and keystreams of as many messages as there is room for; gives where they end. */
  #gather(bytes: Buffer, { offsets, lengths }: SealedPlaces, start: number): number {
    const most = Math.min(offsets.length, start + MOST_TOGETHER)
    for (let index = start; index < most; index += 1) {
      const offset = offsets[index] ?? 0
      const length = lengths[index] ?? 0
      if (!isInside(bytes, offset, length)) {
        continue
      }
      const streamed = isShort(length - SEAL_BYTES) ? length - SEAL_BYTES : 0
      if (!this.#keystreams.hasRoomFor(blocksBytes(streamed))) {
        return index
      }
      bytes.copy(this.#ivs, (index - start) * IV_BYTES, offset, offset + IV_BYTES)
      this.#keystreams.add(bytes, offset, streamed)
    }
    return most
  }

  #setPad({ pads, start }: Group, index: number): void {
    pads.copy(this.#oneTimeKey, IV_BYTES, (index - start) * IV_BYTES, (index - start + 1) * IV_BYTES)
  }

  /** Hides what is plain, and shows what is hidden. A view. */
  #changed(text: Buffer, iv: Buffer, stream: Uint32Array | undefined): Buffer {
    if (stream === undefined) {
      return this.#changedAlone(text, iv)
    }
    const words = this.#words
    this.#short.set(text)
    for (let word = 0; word < stream.length; word += 1) {
      words[word] = (words[word] ?? 0) ^ (stream[word] ?? 0)
    }
    return this.#short.subarray(0, text.byteLength)
  }

  #changedAlone(text: Buffer, iv: Buffer): Buffer {
    const room = this.#long.byteLength >= text.byteLength ? this.#long : Buffer.allocUnsafeSlow(text.byteLength)
    this.#long = room.byteLength <= KEPT_BYTES ? room : this.#long
    const cipher = createCipheriv('aes-256-ctr', this.#encrypt, iv)
    for (let start = 0; start < text.byteLength; start += STEP_BYTES) {
      room.set(cipher.update(text.subarray(start, start + STEP_BYTES)), start)
    }
    return room.subarray(0, text.byteLength)
  }
}

/** Messages `start` to `end`, and what was made for them. */
interface Group {
  readonly start: number
  readonly end: number
  readonly pads: Buffer
  readonly streams: Buffer
  /** Bytes of the streams that were taken. */
  used: number
}

/** The next stream of a group; none for a message that is not short. */
function takeStream(group: Group, bytes: number): Uint32Array | undefined {
  if (!isShort(bytes)) {
    return undefined
  }
  const { buffer, byteOffset } = group.streams
  const stream = new Uint32Array(buffer, byteOffset + group.used, Math.ceil(bytes / 4))
  group.used += blocksBytes(bytes)
  return stream
}

/** In words of four bytes. */
function aligned(bytes: Buffer): Buffer {
  return bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer)
}

function isShort(bytes: number): boolean {
  return bytes <= SHORT_BYTES
}

function isInside({ byteLength }: Buffer, offset: number, length: number): boolean {
  return length >= SEAL_BYTES && offset + length <= byteLength
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
