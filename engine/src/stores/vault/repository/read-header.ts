import { TillsafeError } from '../../../model/index.ts'
import type { PackedBlob } from '../format/blob.ts'
import { decodePackEnd, headerReach, PackBroken } from '../format/pack.ts'
import { SealBroken } from '../format/seal.ts'
import type { Repository } from './repository.ts'

/** The end of a pack that is read first: most headers are shorter. */
const END_BYTES = 64 * 1024

/** What lies in a pack of so many bytes, as its own header says. Errors: `vault.damaged`, `object.missing`. */
export async function readHeader({ files, sealer }: Repository, pack: string, bytes: number): Promise<PackedBlob[]> {
  const read = async (reach: number) =>
    await files.readRange('data', pack, { start: Math.max(0, bytes - reach), end: bytes })
  const end = await read(END_BYTES)
  const reach = headerReach(end, bytes)
  if (reach === undefined) {
    throw new TillsafeError('vault.damaged', 'it has no header')
  }
  const whole = reach <= end.byteLength ? end.subarray(end.byteLength - reach) : await read(reach)
  try {
    return decodePackEnd(whole, bytes, sealer)
  } catch (error) {
    throw error instanceof SealBroken || error instanceof PackBroken
      ? new TillsafeError('vault.damaged', `its header: ${error.message}`, { cause: error })
      : error
  }
}
