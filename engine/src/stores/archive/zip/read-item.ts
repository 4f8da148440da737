import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { inflated } from './inflated.ts'
import type { LocatedItem } from './zip-item.ts'
import { DEFLATED } from './zip-records.ts'
import { damagedZip, quoted } from './zip-refusal.ts'

/** The bytes of one file of an archive. A stream that ends without an error gave the right ones, and never gives more. */
export async function* readItem(file: FileHandle, item: LocatedItem): AsyncIterable<Uint8Array> {
  let sum = 0
  let bytes = 0
  const raw = rawBytes(file, item)
  for await (const chunk of item.method === DEFLATED ? inflated(raw, item) : raw) {
    bytes += chunk.byteLength
    if (bytes > item.bytes) {
      throw damagedZip(`${quoted(item.path)} has more than its ${item.bytes} bytes`)
    }
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (bytes < item.bytes) {
    throw damagedZip(`${quoted(item.path)} has ${bytes} bytes instead of ${item.bytes}`)
  }
  if (sum !== item.crc32) {
    throw damagedZip(`${quoted(item.path)} is not what was saved`)
  }
}

/** As they are in the archive. Each chunk has its own memory: whoever inflates reads ahead. */
async function* rawBytes(file: FileHandle, { path, start, compressedBytes }: LocatedItem): AsyncIterable<Uint8Array> {
  const end = start + compressedBytes
  for (let position = start; position < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position)
    if (bytesRead === 0) {
      throw damagedZip(`it became shorter while ${quoted(path)} was read`)
    }
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

const CHUNK_BYTES = 256 * 1024
