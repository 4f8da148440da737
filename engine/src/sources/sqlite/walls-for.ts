import type { Walls } from '../../work/confined-process.ts'

const LEAST_MS = 10_000
/** Checking indexes reads an encrypted database many times over: a slow processor does more than this in a second. */
const BYTES_A_SECOND = 1024 * 1024
const MEMORY_BYTES = 256 * 1024 * 1024

/** The walls around a look into a stranger's database: it lies in a folder of ours, alone with what is made of it. */
export function wallsFor(folder: string, bytes: number): Walls {
  return {
    read: [folder],
    write: [folder],
    milliseconds: LEAST_MS + (bytes / BYTES_A_SECOND) * 1000,
    memoryBytes: MEMORY_BYTES,
  }
}
