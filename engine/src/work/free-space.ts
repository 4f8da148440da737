import { statfs } from 'node:fs/promises'
import { TillsafeError } from '../model/index.ts'
import { hasErrorCode } from './disk.ts'

/** Bytes that an ordinary user may still write in a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Throws `space.short`, naming needed and free bytes, when a folder's disk has too little room. */
export async function requireSpace(folder: string, neededBytes: number, purpose: string): Promise<void> {
  const free = await freeBytes(folder)
  if (free < neededBytes) {
    throw new TillsafeError(
      'space.short',
      `${purpose} needs ${neededBytes} bytes in ${folder}, only ${free} bytes are free there`,
    )
  }
}

/** A write that failed because the disk of a folder is full, as `space.short` naming the free bytes; other errors pass. */
export async function fullDiskFailure(error: unknown, folder: string): Promise<unknown> {
  return hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'SQLITE_FULL')
    ? new TillsafeError(
        'space.short',
        `the disk of ${folder} is full: ${await freeBytes(folder)} bytes are free there`,
        {
          cause: error,
        },
      )
    : error
}
