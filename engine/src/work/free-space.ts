import { statfs } from 'node:fs/promises'
import { TillsafeError } from '../model/tillsafe-error.ts'

/** Bytes that an ordinary user may still write in a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** What is asked for beside the bytes that are known: nobody's disk is to be filled to the last block. */
export const MARGIN_BYTES: number = 64 * 1024 * 1024

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
