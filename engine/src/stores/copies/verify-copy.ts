import type { JobContext } from '../../work/job-context.ts'
import type { LabelledBackup } from '../find-backup.ts'
import { hasCode } from '../has-code.ts'
import { Meter } from '../meter.ts'
import type { StorePlace } from '../store-place.ts'
import { checkedContent, type Expectation } from './checked-content.ts'
import { findImages } from './find-images.ts'
import { expectedDatabase, expectedImage } from './open-copy.ts'

/** Reads every byte of a backup. The sentences say what does not fit; none means that it is whole. */
export async function verifyCopy(place: StorePlace, copy: LabelledBackup, job: JobContext): Promise<readonly string[]> {
  const total = copy.label.database.bytes + (copy.label.images?.bytes ?? 0)
  const meter = new Meter(job, 'check', total)
  return [
    ...(await problemsOf(async () => await readWhole(place, expectedDatabase(place, copy), meter))),
    ...(await problemsOf(async () => await readImages(place, copy, meter))),
  ]
}

async function readImages(place: StorePlace, copy: LabelledBackup, meter: Meter): Promise<readonly string[]> {
  const problems: string[] = []
  for await (const image of findImages(place, copy.label)) {
    problems.push(...(await problemsOf(async () => await readWhole(place, expectedImage(place, image), meter))))
  }
  return problems
}

async function readWhole({ destination }: StorePlace, expected: Expectation, meter: Meter): Promise<readonly string[]> {
  for await (const _ of meter.pass(await checkedContent(destination, expected, meter.signal).open())) {
    // reading compares
  }
  return []
}

/** Damage becomes a sentence, and so does a place on the disk that can't be read; a missing disk stays an error. */
async function problemsOf(check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await check()
  } catch (error) {
    if (hasCode(error, 'backup.damaged', 'destination.failed', 'destination.denied')) {
      return [error.message]
    }
    throw error
  }
}
