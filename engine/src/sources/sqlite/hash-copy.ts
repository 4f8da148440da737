import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { pageBytesOf } from '../../snapshot/pages/page-bytes.ts'
import type { PageMapper } from '../../snapshot/pages/page-mapper.ts'

const CHUNK_BYTES = 1024 * 1024

/** The SHA-256 of a copied database, and its length. Its page map is written into a file where one is asked for. */
export async function hashCopy(
  path: string,
  pageSize: number,
  mapFile?: string,
): Promise<{ sha256: string; bytes: number }> {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = fstatSync(descriptor).size
    const hash = createHash('sha256')
    const mapper = mapFile === undefined ? undefined : await newMapper(pageSize, bytes)
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      const chunk = buffer.subarray(0, read)
      hash.update(chunk)
      mapper?.add(chunk)
    }
    if (mapper !== undefined && mapFile !== undefined) {
      writeFileSync(mapFile, mapper.finish().encode(), { mode: 0o600 })
    }
    return { sha256: hash.digest('hex'), bytes }
  } finally {
    closeSync(descriptor)
  }
}

/** Loaded only when it is needed: behind walls, a process may open no native library but SQLite's. */
async function newMapper(pageSize: number, bytes: number): Promise<PageMapper> {
  const { PageMapper } = await import('../../snapshot/pages/page-mapper.ts')
  return new PageMapper(pageBytesOf(pageSize), bytes)
}
