import { hash } from 'node:crypto'
import { columnsOf } from '../format/blob-columns.ts'
import type { BlobsOpener } from '../format/open-blobs.ts'
import { decodePackEnd, headerReach, PackBroken } from '../format/pack.ts'
import { SealBroken, type Sealer } from '../format/seal.ts'
import type { Checked, CheckTask } from './vault-task.ts'

/** Checks a whole pack: its name, its header, each of its blobs. */
export function checkPack({ pack, bytes }: CheckTask, opener: BlobsOpener, sealer: Sealer): Checked {
  if (hash('sha256', bytes, 'hex') !== pack) {
    return broken('it does not have the bytes of its name')
  }
  const reach = headerReach(bytes, bytes.byteLength)
  if (reach === undefined) {
    return broken('it has no header')
  }
  try {
    const blobs = decodePackEnd(bytes.subarray(-reach), bytes.byteLength, sealer)
    const sent = columnsOf(blobs)
    const problems: string[] = []
    let blob = 0
    for (const plain of opener.open(bytes, sent, () => undefined)) {
      if (plain instanceof Error) {
        problems.push(`blob ${blobs[blob]?.id.toString('hex')}: ${plain.message}`)
      }
      blob += 1
    }
    return { blobs: sent, problems }
  } catch (error) {
    if (error instanceof SealBroken || error instanceof PackBroken) {
      return broken(error.message)
    }
    throw error
  }
}

function broken(problem: string): Checked {
  return { blobs: columnsOf([]), problems: [problem] }
}
