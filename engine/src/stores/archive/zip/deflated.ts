import { createDeflateRaw, type DeflateRaw, deflateRawSync } from 'node:zlib'
import { chunksInTurn } from './chunks-in-turn.ts'
import { keptChunks } from './kept-chunks.ts'

/** Up to here, making a stream and a thread's turn cost more than the work itself. */
const SMALL_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024

/** A stream deflated without a header, as ZIP wants it. `bytes` is how many there will be at most, where it is known. */
export function deflated(
  plain: AsyncIterable<Uint8Array>,
  level: number,
  bytes: number | undefined,
): AsyncIterable<Uint8Array> {
  return bytes !== undefined && bytes <= SMALL_BYTES ? deflatedAtOnce(plain, level) : deflatedAhead(plain, level)
}

async function* deflatedAtOnce(plain: AsyncIterable<Uint8Array>, level: number): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of keptChunks(plain)) {
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks)
  yield deflateRawSync(whole, { level, chunkSize: whole.byteLength + 1024 })
}

/** Works ahead of its reader, in another thread. */
async function* deflatedAhead(plain: AsyncIterable<Uint8Array>, level: number): AsyncIterable<Uint8Array> {
  const deflate = createDeflateRaw({ level, chunkSize: CHUNK_BYTES, memLevel: 9 })
  const feeding = feed(plain, deflate).catch((error: Error) => void deflate.destroy(error)) // its reader gets the error
  try {
    yield* deflate
  } finally {
    deflate.destroy()
    await feeding
  }
}

/** One chunk is deflated while the next is read: two buffers take turns. */
async function feed(plain: AsyncIterable<Uint8Array>, deflate: DeflateRaw): Promise<void> {
  let before: Promise<void> | undefined
  for await (const chunk of chunksInTurn(plain, 2)) {
    const done = written(deflate, chunk)
    done.catch(() => undefined) // heard of when it is waited for
    await before
    before = done
  }
  await before
  deflate.end()
}

/** A write that waits for the reader is not called back when the stream is destroyed: that it closes is all that is told. */
function written(deflate: DeflateRaw, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error('its reader has stopped'))
    deflate.once('close', closed)
    deflate.write(chunk, (error) => {
      deflate.off('close', closed)
      if (error) {
        reject(error)
      } else {
        resolve()
      }
    })
  })
}
