import { type FileHandle, open } from 'node:fs/promises'
import type { Content, Range } from './content.ts'

const CHUNK_BYTES = 512 * 1024

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
export async function* readFileRange(path: string, range: Range): AsyncIterable<Uint8Array> {
  await using file = await open(path, 'r')
  yield* readHandle(file, range)
}

/** As `readFileRange`, through an open handle. One buffer serves all chunks, so that memory does not grow with the file. */
export async function* readHandle(file: FileHandle, { start, end }: Range): AsyncIterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK_BYTES, end - start)))
  for (let position = start; position < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.byteLength, end - position), position)
    if (bytesRead === 0) {
      return
    }
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
