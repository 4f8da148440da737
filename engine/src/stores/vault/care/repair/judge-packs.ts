import type { JobContext } from '../../../../work/job-context.ts'
import { hasCode } from '../../../has-code.ts'
import { Meter } from '../../../meter.ts'
import type { PackedBlob } from '../../format/blob.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import { readHeader } from '../../repository/read-header.ts'
import type { Repository } from '../../repository/repository.ts'
import { inParallel } from '../in-parallel.ts'
import type { PackContents } from '../pack-contents.ts'
import { isSame, type PackDamage, readPack } from '../read-pack.ts'

/** How much of the packs a repair reads. */
export type RepairReading = 'headers' | 'everything'

/** A pack that does not hold what it should, and what may be left in it. */
export interface DamagedPack {
  readonly id: string
  readonly bytes: number
  readonly why: string
  /** Whether the disk does not give it out now: it may be whole. */
  readonly isUnread: boolean
  /** The blobs that its header speaks of, or an index when it has none. */
  readonly blobs: readonly PackedBlob[]
}

export interface PackVerdicts {
  readonly whole: readonly { readonly id: string; readonly bytes: number }[]
  readonly damaged: readonly DamagedPack[]
  /** Whole packs of which the index says what they say themselves. */
  readonly indexed: number
}

/** Looks at every pack that is there: at its header, or at every byte. */
export async function judgePacks(
  repository: Repository,
  workers: VaultWorkers,
  listed: ReadonlyMap<string, number>,
  contents: PackContents,
  reading: RepairReading,
  job: JobContext,
): Promise<PackVerdicts> {
  const whole: { id: string; bytes: number }[] = []
  const damaged: DamagedPack[] = []
  let indexed = 0
  const meter = new Meter(
    job,
    'check',
    [...listed.values()].reduce((sum, bytes) => sum + bytes, 0),
  )
  await inParallel(listed, workers.workers.length, async ([id, bytes]) => {
    const known = contents.blobsOf(contents.numberOf(id) ?? -1)
    const header = await headerOf(repository, id, bytes)
    const blobs = header.blobs ?? known.map(({ blob }) => blob)
    const damage =
      header.damage ??
      (reading === 'everything' ? await readPack(repository, workers, { id, bytes }, numbered(blobs)) : undefined)
    if (damage === undefined) {
      whole.push({ id, bytes })
      indexed += isSame(blobs, known) ? 1 : 0
    } else {
      damaged.push({ id, bytes, why: damage.problem, isUnread: damage.isUnread, blobs })
    }
    meter.add(bytes)
  })
  return { whole, damaged, indexed }
}

async function headerOf(
  repository: Repository,
  id: string,
  bytes: number,
): Promise<{ readonly blobs?: readonly PackedBlob[]; readonly damage?: Pick<PackDamage, 'problem' | 'isUnread'> }> {
  try {
    return { blobs: await readHeader(repository, id, bytes) }
  } catch (error) {
    if (hasCode(error, 'vault.damaged', 'object.missing', 'destination.failed')) {
      return { damage: { problem: error.message, isUnread: hasCode(error, 'destination.failed') } }
    }
    throw error
  }
}

function numbered(blobs: readonly PackedBlob[]): { number: number; blob: PackedBlob }[] {
  return blobs.map((blob, number) => ({ number, blob }))
}
