import { open } from 'node:fs/promises'
import type { Content, Range } from './content.ts'

const CHUNK_BYTES = 1024 * 1024

/** The bytes of a file that nobody changes while it is read. */
export function fileContent(path: string, bytes: number): Content {
  return {
    bytes,
    async open(range = { start: 0, end: bytes }) {
      return readFileRange(path, range)
    },
  }
}

/** The bytes of a file from `start` to `end`, fewer when the file ends before. */
export async function* readFileRange(path: string, { start, end }: Range): AsyncIterable<Uint8Array> {
  await using file = await open(path, 'r')
  for (let position = start; position < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position)
    if (bytesRead === 0) {
      return
    }
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
