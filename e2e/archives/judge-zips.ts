import { join } from 'node:path'
import { runInChild } from '../../engine/src/work/confined-process.ts'
import type { ZipVerdict } from './zip-child.ts'

/** What a forged ZIP may cost, and no more. */
export const MOST_MILLISECONDS = 2000
export const MOST_BYTES = 256 * 1024 * 1024

/** Reads ZIPs in one process behind walls: it may write nowhere, and has 256 MiB. */
export async function judgeZips(
  paths: readonly string[],
  milliseconds: number = 10_000 + paths.length * MOST_MILLISECONDS,
): Promise<readonly ZipVerdict[]> {
  const walls = {
    read: [import.meta.dirname, ...paths],
    write: [],
    milliseconds,
    memoryBytes: MOST_BYTES,
  }
  const job = { signal: new AbortController().signal }
  return (await runInChild(join(import.meta.dirname, 'zip-child.ts'), paths, job, walls)) as readonly ZipVerdict[]
}
