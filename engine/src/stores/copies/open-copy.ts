import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { JobContext } from '../../work/job-context.ts'
import { backupKeys } from '../backup-names.ts'
import type { LabelledBackup } from '../find-backup.ts'
import type { ListedImage } from '../images-list.ts'
import { factsOf, headingOf } from '../label-parts.ts'
import type { StorePlace } from '../store-place.ts'
import { checkedContent, type Expectation } from './checked-content.ts'
import { findImages } from './find-images.ts'
import { imageKey } from './images-list.ts'

/** A stored backup as a snapshot. Its bytes are checked as they are read: see `checkedContent`. */
export function openCopy(place: StorePlace, copy: LabelledBackup, job: JobContext): Snapshot {
  return {
    heading: headingOf(copy.label),
    entries: () => entries(place, copy, job),
    facts: async () => factsOf(copy.label),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Where the database of a backup lies, and what its label says of it. */
export function expectedDatabase({ ending }: StorePlace, { stem, label }: LabelledBackup): Expectation {
  const { bytes, sha256 } = label.database
  return { key: backupKeys(stem, ending).content, bytes, sha256, name: 'the database' }
}

/** Where an image lies, and what its list says of it. */
export function expectedImage(place: StorePlace, image: ListedImage): Expectation {
  const { bytes, sha256, path } = image
  return { key: `${place.workspace}/${image.key ?? imageKey(image)}`, bytes, sha256, name: `image ${path}` }
}

async function* entries(place: StorePlace, copy: LabelledBackup, job: JobContext): AsyncIterable<Entry> {
  yield {
    path: 'database.db',
    part: 'database',
    pageSize: copy.label.database.fingerprint.pageSize,
    ...checkedContent(place.destination, expectedDatabase(place, copy), job.signal),
  }
  for await (const image of findImages(place, copy.label)) {
    yield {
      path: image.path,
      part: 'images',
      ...(image.modifiedMs === undefined ? {} : { modifiedMs: image.modifiedMs }),
      ...checkedContent(place.destination, expectedImage(place, image), job.signal),
    }
  }
}
