import type { JobContext } from '../../../../work/job-context.ts'
import { Meter } from '../../../meter.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { Repository } from '../../repository/repository.ts'
import { inParallel } from '../in-parallel.ts'
import type { PackContents } from '../pack-contents.ts'
import { readPack } from '../read-pack.ts'
import { choosePacks } from './choose-packs.ts'
import type { Findings } from './findings.ts'
import type { VaultReading, VaultReport } from './vault-report.ts'

/** Looks whether every pack is there with its size, and reads those that are chosen, as many at once as there are threads. */
export async function checkPacks(
  repository: Repository,
  workers: VaultWorkers,
  index: BlobIndex,
  contents: PackContents,
  listed: ReadonlyMap<string, number>,
  reading: VaultReading,
  findings: Findings,
  job: JobContext,
): Promise<Pick<VaultReport, 'packsRead' | 'bytesRead'>> {
  const { files } = repository
  const whole: { readonly id: string; readonly number: number; readonly bytes: number }[] = []
  for (const [number, id] of index.packs.entries()) {
    const bytes = listed.get(id)
    const expected = contents.bytesOf(number)
    if (bytes === expected) {
      whole.push({ id, number, bytes })
    } else {
      const problem = bytes === undefined ? 'the pack is missing' : `it has ${bytes} bytes, not ${expected}`
      findings.add(files.keyOf('data', id), problem, contents.blobsOf(number))
    }
  }
  const chosen = choosePacks(whole, reading)
  const bytesRead = chosen.reduce((sum, { bytes }) => sum + bytes, 0)
  if (chosen.length === 0) {
    return { packsRead: 0, bytesRead }
  }
  const meter = new Meter(job, 'check', bytesRead)
  await inParallel(chosen, workers.workers.length, async (pack) => {
    const damage = await readPack(repository, workers, pack, contents.blobsOf(pack.number))
    if (damage !== undefined) {
      findings.add(files.keyOf('data', pack.id), damage.problem, damage.lost)
    }
    meter.add(pack.bytes)
  })
  return { packsRead: chosen.length, bytesRead }
}
