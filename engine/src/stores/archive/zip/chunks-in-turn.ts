/**
 * The same chunks, each copied into one of a few buffers that take turns: as many are valid at a time. Nothing is left behind
 * for the collector of garbage, which lets a hundred such chunks pile up before it looks.
 */
export async function* chunksInTurn(stream: AsyncIterable<Uint8Array>, count: number): AsyncIterable<Uint8Array> {
  const buffers: Buffer[] = []
  let turn = 0
  for await (const chunk of stream) {
    const buffer = roomFor(chunk, buffers[turn])
    buffers[turn] = buffer
    turn = (turn + 1) % count
    buffer.set(chunk)
    yield buffer.subarray(0, chunk.byteLength)
  }
}

function roomFor(chunk: Uint8Array, buffer: Buffer | undefined): Buffer {
  return buffer !== undefined && buffer.byteLength >= chunk.byteLength ? buffer : Buffer.alloc(chunk.byteLength)
}
