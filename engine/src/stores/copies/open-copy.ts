import type { Facts, Heading, Label } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { JobContext } from '../../work/job-context.ts'
import { checkedContent, type Expectation } from './checked-content.ts'
import type { CopiesPlace } from './copies-place.ts'
import { copyKeys } from './copy-names.ts'
import type { Copy } from './find-copy.ts'
import { findImages } from './find-images.ts'
import { imageKey, type ListedImage } from './images-list.ts'

/** A stored backup as a snapshot. Its bytes are checked as they are read: see `checkedContent`. */
export function openCopy(place: CopiesPlace, copy: Copy, job: JobContext): Snapshot {
  return {
    heading: headingOf(copy.label),
    entries: () => entries(place, copy, job),
    facts: async () => factsOf(copy.label),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Where the database of a backup lies, and what its label says of it. */
export function expectedDatabase({ stem, label }: Copy): Expectation {
  const { bytes, sha256 } = label.database
  return { key: copyKeys(stem).database, bytes, sha256, name: 'the database' }
}

/** Where an image lies, and what its list says of it. */
export function expectedImage(place: CopiesPlace, image: ListedImage): Expectation {
  const { bytes, sha256, path } = image
  return { key: `${place.workspace}/${image.key ?? imageKey(image)}`, bytes, sha256, name: `image ${path}` }
}

async function* entries(place: CopiesPlace, copy: Copy, job: JobContext): AsyncIterable<Entry> {
  yield {
    path: 'database.db',
    part: 'database',
    pageSize: copy.label.database.fingerprint.pageSize,
    ...checkedContent(place.destination, expectedDatabase(copy), job.signal),
  }
  for (const image of await findImages(place, copy.label)) {
    yield {
      path: image.path,
      part: 'images',
      ...(image.modifiedMs === undefined ? {} : { modifiedMs: image.modifiedMs }),
      ...checkedContent(place.destination, expectedImage(place, image), job.signal),
    }
  }
}

function headingOf(label: Label): Heading {
  const { id, sequence, shop, workspace, takenAt, trigger, origin, tiers, tillsafeVersion } = label
  return { id, sequence, shop, workspace, takenAt, trigger, origin, tiers, tillsafeVersion }
}

function factsOf(label: Label): Facts {
  const { database, applicationVersion, schemaMap, sections, counters, fiscalPeriod, chainHeads, problems } = label
  return {
    database,
    ...(applicationVersion === undefined ? {} : { applicationVersion }),
    ...(schemaMap === undefined ? {} : { schemaMap }),
    sections,
    counters,
    ...(fiscalPeriod === undefined ? {} : { fiscalPeriod }),
    chainHeads,
    problems,
  }
}
