const CHUNK_BYTES = 64 * 1024

/** Bytes in memory as a stream of small chunks: what is done with each of them takes little room. */
export async function* smallChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES)
  }
}
