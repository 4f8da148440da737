const ENOUGH_BYTES = 64 * 1024

/**
 * The same bytes in chunks of at least 64 KiB, the last one apart: what is done for each chunk is done less often. The
 * chunks that come in must stay valid while more are asked for.
 */
export async function* inLargerChunks(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    waiting.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= ENOUGH_BYTES) {
      yield joined(waiting)
      waiting = []
      bytes = 0
    }
  }
  if (bytes > 0) {
    yield joined(waiting)
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
