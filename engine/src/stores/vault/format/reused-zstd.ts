import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { ZstdFrames } from './zstd-frames.ts'

/** Frames of zstd in working memory that is used again: what Node's own streams call, without the stream around it. */
export class ReusedZstd implements ZstdFrames {
  readonly #compressors = new Map<number, Context>()
  #decompressor: Context | undefined
  #room: Uint8Array = new Uint8Array(0)

  compress(plain: Uint8Array, level: number): Uint8Array | undefined {
    const room = this.#roomFor(boundOf(plain.byteLength) + 1)
    const context = this.#compressors.get(level) ?? compressContext(level)
    this.#compressors.delete(level) // one that fails is not used again
    const { unread, unused } = write(context, constants.ZSTD_e_end, plain, room)
    if (unread !== 0 || unused === 0) {
      throw new Error('zstd has not ended its frame')
    }
    this.#compressors.set(level, context)
    const bytes = room.byteLength - unused
    return bytes < plain.byteLength ? room.subarray(0, bytes) : undefined
  }

  #roomFor(bytes: number): Uint8Array {
    const room = this.#room.byteLength >= bytes ? this.#room : new Uint8Array(bytes)
    this.#room = bytes <= KEPT_BYTES ? room : this.#room
    return room
  }

  decompress(frame: Uint8Array, target: Uint8Array): boolean {
    const context = this.#decompressor ?? contextOf(createZstdDecompress({ chunkSize: LEAST_CHUNK }))
    this.#decompressor = undefined
    try {
      if (!fills(context, frame, target)) {
        return false
      }
      this.#decompressor = context
      return true
    } catch {
      return false
    }
  }
}

/** Room for a longer frame is not kept. */
const KEPT_BYTES = 1024 * 1024

/** A context of zstd, as a stream of Node holds it. */
interface Context {
  readonly handle: {
    writeSync(
      flush: number,
      from: Uint8Array,
      at: number,
      bytes: number,
      to: Uint8Array,
      into: number,
      room: number,
    ): void
    onerror: (message: string) => void
  }
  /** After a call: bytes of the target that are free, bytes that were not taken. */
  readonly state: Uint32Array
  failure: string | undefined
}

/** What it makes of its own for a stream that nobody uses. */
const LEAST_CHUNK = 64

function compressContext(level: number): Context {
  return contextOf(
    createZstdCompress({ chunkSize: LEAST_CHUNK, params: { [constants.ZSTD_c_compressionLevel]: level } }),
  )
}

function contextOf(stream: object): Context {
  const { _handle: handle, _writeState: state } = stream as { _handle: Context['handle']; _writeState: Uint32Array }
  if (typeof handle?.writeSync !== 'function' || !(state instanceof Uint32Array) || state.length !== 2) {
    throw new Error('Node holds its contexts of zstd in another way')
  }
  const context: Context = { handle, state, failure: undefined }
  handle.onerror = (message) => {
    context.failure = message
  }
  return context
}

/** Error: whatever zstd says. */
function write(context: Context, flush: number, from: Uint8Array, to: Uint8Array): { unread: number; unused: number } {
  context.handle.writeSync(flush, from, 0, from.byteLength, to, 0, to.byteLength)
  if (context.failure !== undefined) {
    throw new Error(context.failure)
  }
  const [unused = 0, unread = 0] = context.state
  return { unread, unused }
}

/** A call ends with the frame: several of them are several calls. */
function fills(context: Context, frame: Uint8Array, target: Uint8Array): boolean {
  let [read, filled] = [0, 0]
  while (read < frame.byteLength) {
    const { unread, unused } = write(context, constants.ZSTD_e_continue, frame.subarray(read), target.subarray(filled))
    const [readNow, filledNow] = [frame.byteLength - unread, target.byteLength - unused]
    if (readNow === read && filledNow === filled) {
      return false
    }
    read = readNow
    filled = filledNow
  }
  return filled === target.byteLength
}

/** The largest frame that so many bytes can become. Source: zstd.h, `ZSTD_COMPRESSBOUND`. */
function boundOf(bytes: number): number {
  const margin = bytes < 128 * 1024 ? (128 * 1024 - bytes) >>> 11 : 0
  return bytes + (bytes >>> 8) + margin
}
