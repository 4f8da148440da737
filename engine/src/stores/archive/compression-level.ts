import type { Entry } from '../../snapshot/entry.ts'

/** How hard what shrinks is compressed: 1 is fast, 9 is small. */
export type CompressionLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** Stored as it is. */
const STORED = 0
/** Endings of images that are compressed already. */
const COMPRESSED = /\.(jpe?g|png|webp|gif|avif|heic)$/i
/** What every SQLite database that is not encrypted begins with. */
const PLAIN_DATABASE = Buffer.from('SQLite format 3\0')

/** The level for an image. */
export function imageLevel(path: string, level: CompressionLevel): number {
  return COMPRESSED.test(path) ? STORED : level
}

/** The level for a database. One that is encrypted does not shrink; it is known by how it begins. */
export async function databaseLevel(entry: Entry, level: CompressionLevel): Promise<number> {
  const header = await beginningOf(entry, PLAIN_DATABASE.byteLength)
  return header.equals(PLAIN_DATABASE) ? level : STORED
}

async function beginningOf(entry: Entry, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let missing = Math.min(bytes, entry.bytes)
  for await (const chunk of await entry.open({ start: 0, end: missing })) {
    parts.push(Buffer.from(chunk.subarray(0, missing)))
    missing -= chunk.byteLength
    if (missing <= 0) {
      break
    }
  }
  return Buffer.concat(parts)
}
