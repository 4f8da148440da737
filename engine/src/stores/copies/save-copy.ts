import type { Destination, Key } from '../../destinations/destination.ts'
import { type Facts, type Heading, type Label, LABEL_VERSION, type StoredBackup, TillsafeError } from '../../model/index.ts'
import { bytesContent } from '../../snapshot/bytes-content.ts'
import type { Content } from '../../snapshot/content.ts'
import type { Entry } from '../../snapshot/entry.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { throwIfCancelled } from '../../work/cancel.ts'
import type { JobContext } from '../../work/job-context.ts'
import { hasCode } from '../has-code.ts'
import { decodeLabel, encodeLabel, LABEL_FILE_BYTES } from '../label-file.ts'
import type { CopiesPlace } from './copies-place.ts'
import { type CopyKeys, copyKeys, copyStem } from './copy-names.ts'
import { HashedContent } from './hashed-content.ts'
import { ImagesWriter, type Meters } from './images-writer.ts'
import { Meter } from './meter.ts'
import { readObject } from './read-object.ts'
import { writeMarker } from './saving-marker.ts'
import { readBack } from './write-checked.ts'

/** What a label's sentences are cut to. */
const SENTENCE_CHARACTERS = 1000

/**
 * Writes one backup: marker, database, images, and the label last. What fails leaves images at most, which the next
 * backup finds again. `busy` holds the markers of saves that are running.
 */
export async function saveCopy(
  place: CopiesPlace,
  snapshot: Snapshot,
  job: JobContext,
  busy: Set<Key>,
): Promise<StoredBackup> {
  // Asked for at once: the checks behind them run while the database is written.
  const facts = snapshot.facts()
  facts.catch(() => undefined)
  const own = new OwnObjects(place.destination)
  try {
    const keys = await claimName(place, snapshot.heading, own, busy)
    const saved = await writeCopy({ place, keys, own, snapshot, job, facts })
    await place.destination.remove(keys.marker).catch(() => undefined) // the label decides; sweep removes the marker
    return saved
  } catch (error) {
    await own.removeAll().catch(() => undefined) // what stays has a marker: sweep removes it
    throw error
  } finally {
    own.forget(busy)
  }
}

/** Objects that this save has written, or begun to. */
class OwnObjects {
  readonly #destination: Destination
  readonly #keys: Key[] = []

  constructor(destination: Destination) {
    this.#destination = destination
  }

  async write(key: Key, content: Content): Promise<void> {
    this.#keys.push(key) // even when the write fails, the object may be there
    try {
      await this.#destination.write(key, content)
    } catch (error) {
      if (hasCode(error, 'destination.name-taken')) {
        this.#keys.pop() // it is someone else's
      }
      throw error
    }
  }

  /** The last first: the marker stays as long as anything else does. */
  async removeAll(): Promise<void> {
    for (const key of this.#keys.splice(0).reverse()) {
      await this.#destination.remove(key)
    }
  }
}

/** Finds a free name and makes it ours with a marker. */
async function claimName(place: CopiesPlace, heading: Heading, own: OwnObjects): Promise<CopyKeys> {
  for (let attempt = 1; ; attempt++) {
    const keys = copyKeys(copyStem(heading, place.timeZone, attempt))
    if ((await isFree(place, keys.marker)) && (await isFree(place, keys.database)) && (await isFree(place, keys.label))) {
      if (await claimed(place, keys, heading, own)) {
        return keys
      }
    }
  }
}

export {}
