import { pipeline } from 'node:stream/promises'
import { createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'
import type { ZipItem } from './zip-item.ts'
import { damagedZip, quoted, unsafeZip } from './zip-refusal.ts'

/** Up to here, making a stream and a thread's turn cost more than the work itself. */
const SMALL_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024

/**
 * The bytes that were deflated: more than the item claims only by one chunk. All of the compressed ones must be of use:
 * nothing is hidden behind their end.
 */
export async function* inflated(raw: AsyncIterable<Uint8Array>, item: ZipItem): AsyncIterable<Uint8Array> {
  const isSmall = Math.max(item.bytes, item.compressedBytes) <= SMALL_BYTES
  try {
    const used = yield* isSmall ? inflatedAtOnce(raw, item) : inflatedAhead(raw)
    if (used !== item.compressedBytes) {
      throw unsafeZip(`something is hidden behind the end of ${quoted(item.path)}`)
    }
  } catch (error) {
    throw isOfZlib(error) ? damagedZip(`${quoted(item.path)} can't be unpacked`, error) : error
  }
}

/** Gives the bytes, and at last how many compressed ones were used for them. */
type Inflating = AsyncGenerator<Uint8Array, number, undefined>

async function* inflatedAtOnce(raw: AsyncIterable<Uint8Array>, { bytes }: ZipItem): Inflating {
  const chunks: Uint8Array[] = []
  for await (const chunk of raw) {
    chunks.push(chunk)
  }
  const options = { maxOutputLength: Math.max(1, bytes), chunkSize: Math.max(64, bytes), info: true }
  const { buffer, engine } = inflateRawSync(Buffer.concat(chunks), options) as unknown as WithInfo
  yield buffer
  return engine.bytesWritten
}

/** Works ahead of its reader, in another thread. */
async function* inflatedAhead(raw: AsyncIterable<Uint8Array>): Inflating {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES })
  const feeding = pipeline(raw, inflate).catch(() => undefined) // the reader of `inflate` gets the error
  try {
    yield* inflate
    return inflate.bytesWritten
  } finally {
    inflate.destroy()
    await feeding
  }
}

/** The compressed bytes are no good; an error of the disk is another matter. */
function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE$)/.test(String(error.code))
}

/** What zlib answers with `info`, which its types leave out. */
interface WithInfo {
  readonly buffer: Buffer
  readonly engine: InflateRaw
}
