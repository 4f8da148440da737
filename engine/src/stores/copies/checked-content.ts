import { createHash } from 'node:crypto'
import type { Destination, Key } from '../../destinations/destination.ts'
import { TillsafeError } from '../../model/index.ts'
import type { Content, Range } from '../../snapshot/content.ts'
import { cancellable } from '../../work/cancel.ts'
import { hasCode } from '../has-code.ts'

/** A stored object, and what a label or a list says of it. */
export interface Expectation {
  readonly key: Key
  readonly bytes: number
  readonly sha256: string
  /** How a person knows it: `the database`, `image a.jpg`. */
  readonly name: string
}

/**
 * An object whose bytes are compared with what is known of them while they are read: a stream that ends without
 * error gave the right ones. A part can only be checked by reading the whole.
 */
export function checkedContent(destination: Destination, expected: Expectation, signal: AbortSignal): Content {
  return {
    bytes: expected.bytes,
    async open(range = { start: 0, end: expected.bytes }) {
      return partOf(compared(destination, expected, signal), range)
    },
  }
}

async function* compared(
  destination: Destination,
  expected: Expectation,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of cancellable(await opened(destination, expected), signal)) {
    hash.update(chunk)
    bytes += chunk.byteLength
    if (bytes > expected.bytes) {
      throw damaged(`${expected.name} has more than its ${expected.bytes} bytes`)
    }
    yield chunk
  }
  if (bytes < expected.bytes) {
    throw damaged(`${expected.name} has ${bytes} bytes instead of ${expected.bytes}`)
  }
  if (hash.digest('hex') !== expected.sha256) {
    throw damaged(`${expected.name} is not what was saved`)
  }
}

async function opened(destination: Destination, { key, name }: Expectation): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await destination.read(key)
  } catch (error) {
    throw hasCode(error, 'object.missing') ? damaged(`${name} is missing`, error) : error
  }
}

async function* partOf(stream: AsyncIterable<Uint8Array>, { start, end }: Range): AsyncIterable<Uint8Array> {
  let position = 0
  for await (const chunk of stream) {
    const part = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position))
    position += chunk.byteLength
    if (part.byteLength > 0) {
      yield part
    }
  }
}

function damaged(message: string, cause?: unknown): TillsafeError {
  return new TillsafeError('backup.damaged', message, { cause })
}
