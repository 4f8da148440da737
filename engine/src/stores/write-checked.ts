import type { Destination, Key } from '../destinations/destination.ts'
import { TillsafeError } from '../model/index.ts'
import type { Content } from '../snapshot/content.ts'
import { sha256Of } from '../work/sha256.ts'
import type { Meter } from './meter.ts'

/** Reads an object back and throws unless it has the SHA-256 of what was written. */
export async function readBack(destination: Destination, key: Key, sha256: string, meter: Meter): Promise<void> {
  const found = await sha256Of(meter.pass(await destination.read(key)))
  if (found.sha256 !== sha256) {
    throw new TillsafeError('destination.failed', `${key} was read back, and differs from what was written`, {
      hint: 'Check the disk: it does not keep what is written on it. Use another one until then.',
    })
  }
}

/** Writes an object and reads it back. One that comes back changed is removed. */
export async function writeChecked(
  destination: Destination,
  key: Key,
  content: Content,
  sha256: string,
  meter: Meter,
): Promise<void> {
  await destination.write(key, content)
  try {
    await readBack(destination, key, sha256, meter)
  } catch (error) {
    await destination.remove(key).catch(() => undefined)
    throw error
  }
}
