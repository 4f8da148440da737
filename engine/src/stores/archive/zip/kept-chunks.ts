/** The same chunks, each with its own memory: of a content, one is valid only until the next is asked for. */
export async function* keptChunks(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    yield Buffer.from(chunk)
  }
}
