import { createHash } from 'node:crypto'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { Content } from '../content.ts'
import type { PageMap } from './page-map.ts'
import { PageMapper } from './page-mapper.ts'

/** What is counted over all bytes of a database. */
export interface DatabaseHashes {
  readonly sha256: string
  readonly map: PageMap
}

/** Reads a database for its hashes. Errors: `source.unreadable` when it has not the bytes that it says, `job.cancelled`. */
export async function hashDatabase(content: Content, pageBytes: number, signal: AbortSignal): Promise<DatabaseHashes> {
  const hash = createHash('sha256')
  const mapper = new PageMapper(pageBytes, content.bytes)
  let bytes = 0
  for await (const chunk of await content.open()) {
    throwIfCancelled(signal)
    hash.update(chunk)
    mapper.add(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    bytes += chunk.byteLength
  }
  if (bytes !== content.bytes) {
    throw new TillsafeError('source.unreadable', `the database has ended after ${bytes} of ${content.bytes} bytes`)
  }
  return { sha256: hash.digest('hex'), map: mapper.finish() }
}
