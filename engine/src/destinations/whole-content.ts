import { TillsafeError } from '../model/index.ts'
import type { Content } from '../snapshot/content.ts'
import type { Key } from './destination.ts'

/** A content that could not be read while an object was written: `cause` is its own error. */
export class ContentFailure extends Error {
  constructor(cause: unknown) {
    super('the content could not be read', { cause })
    this.name = 'ContentFailure'
  }
}

/**
 * The bytes of a content, exactly as many as it announced. Its own errors come out as ContentFailure, so that a
 * source that can't be read is not taken for a destination that can't be written.
 */
export async function* wholeContent(key: Key, content: Content): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of unmixed(content)) {
    bytes += chunk.byteLength
    if (bytes > content.bytes) {
      throw wrongLength(key, content, 'more')
    }
    yield chunk
  }
  if (bytes < content.bytes) {
    throw wrongLength(key, content, `only ${bytes}`)
  }
}

async function* unmixed(content: Content): AsyncIterable<Uint8Array> {
  try {
    yield* await content.open()
  } catch (error) {
    throw new ContentFailure(error)
  }
}

function wrongLength(key: Key, content: Content, came: string): TillsafeError {
  return new TillsafeError(
    'destination.failed',
    `${key} was not written: ${content.bytes} bytes were announced, ${came} came`,
  )
}
