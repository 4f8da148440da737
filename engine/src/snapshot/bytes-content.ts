import type { Content } from './content.ts'

/** Bytes in memory as a content. */
export function bytesContent(bytes: Uint8Array): Content {
  return {
    bytes: bytes.byteLength,
    async open(range = { start: 0, end: bytes.byteLength }) {
      return one(bytes.subarray(range.start, range.end))
    },
  }
}

/** All the bytes of a small content: labels and lists, never databases. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.byteLength > 0) {
    yield bytes
  }
}
