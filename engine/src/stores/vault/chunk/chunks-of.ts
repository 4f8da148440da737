import { CutFinder, LARGEST_CHUNK_BYTES } from './cut-finder.ts'
import type { Polynomial } from './gf2.ts'
import { rabinTable } from './rabin-table.ts'

/** So much is taken in before the next look for a cut: what stands behind a cut is moved, and should be little. */
const STEP_BYTES = 64 * 1024

/**
 * A stream cut where its content says so, exactly as restic cuts with the same polynomial: a change moves the cuts near it
 * alone. Each chunk has its own memory; beside it only the chunk in work is held. An empty stream has no chunk.
 */
export async function* chunksOf(
  stream: AsyncIterable<Uint8Array>,
  polynomial: Polynomial,
): AsyncGenerator<Buffer, void, undefined> {
  const cuts = new CutFinder(rabinTable(polynomial))
  let bytes: Buffer = Buffer.allocUnsafeSlow(STEP_BYTES)
  let filled = 0
  for await (const piece of stream) {
    for (let taken = 0; taken < piece.byteLength; taken += STEP_BYTES) {
      const step = piece.subarray(taken, taken + STEP_BYTES)
      bytes = withRoom(bytes, filled, step.byteLength)
      bytes.set(step, filled)
      filled += step.byteLength
      const end = cuts.find(bytes, filled)
      if (end !== undefined) {
        yield copyOf(bytes, end)
        bytes.copyWithin(0, end, filled)
        filled -= end
      }
    }
  }
  if (filled > 0) {
    yield copyOf(bytes, filled)
  }
}

/** A chunk may become 8 MiB long, and most are much shorter: its room grows with it. */
function withRoom(bytes: Buffer, filled: number, more: number): Buffer {
  if (filled + more <= bytes.byteLength) {
    return bytes
  }
  const larger = Buffer.allocUnsafeSlow(Math.min(2 * bytes.byteLength, LARGEST_CHUNK_BYTES) + STEP_BYTES)
  bytes.copy(larger, 0, 0, filled)
  return larger
}

function copyOf(bytes: Buffer, end: number): Buffer {
  const chunk = Buffer.allocUnsafeSlow(end)
  bytes.copy(chunk, 0, 0, end)
  return chunk
}
