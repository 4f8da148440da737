import { createHash, type Hash } from 'node:crypto'

/** The SHA-256 of a stream, and its length in bytes. */
export async function sha256Of(stream: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** The SHA-256 of bytes in memory. */
export function sha256OfBytes(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The same stream, and the SHA-256 of what has passed through it so far. */
export function hashing(stream: AsyncIterable<Uint8Array>): {
  readonly stream: AsyncIterable<Uint8Array>
  sha256(): string
} {
  const hash = createHash('sha256')
  return { stream: updating(stream, hash), sha256: () => hash.copy().digest('hex') }
}

async function* updating(stream: AsyncIterable<Uint8Array>, hash: Hash): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    hash.update(chunk)
    yield chunk
  }
}
