import type { Destination, Key } from '../destinations/destination.ts'
import { TillsafeError } from '../model/index.ts'
import { readAll } from '../snapshot/bytes-content.ts'

/** A small object as a whole: labels, lists, markers. Throws `backup.damaged` when it has more than `atMost` bytes. */
export async function readObject(destination: Destination, key: Key, atMost: number): Promise<Buffer> {
  const bytes = await destination.size(key)
  if (bytes !== undefined && bytes > atMost) {
    throw new TillsafeError('backup.damaged', `${key} has ${bytes} bytes, more than the ${atMost} it may have`)
  }
  return await readAll(await destination.read(key))
}
