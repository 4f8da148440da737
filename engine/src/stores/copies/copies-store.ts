import type { Id, StoredBackup } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { Listed, Store } from '../store.ts'
import type { CopiesPlace } from './copies-place.ts'
import { copyKeys } from './copy-names.ts'
import { findCopy } from './find-copy.ts'
import { type FoundLabel, findLabels } from './find-labels.ts'
import { openCopy } from './open-copy.ts'
import { removeCopies } from './remove-copies.ts'
import { saveCopy, storedBackup } from './save-copy.ts'
import { sweepCopies } from './sweep-copies.ts'
import { verifyCopy } from './verify-copy.ts'

/**
 * Keeps each backup as a plain database file in a folder of its tier, with a signed label beside it: a person can copy
 * it by hand. Images are kept once for all backups. docs/format/copies.md has every byte.
 */
export class CopiesStore implements Store {
  readonly #place: CopiesPlace
  #saves = 0

  constructor(place: CopiesPlace) {
    this.#place = place
  }

  async save(snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
    this.#saves++
    try {
      return await saveCopy(this.#place, snapshot, job)
    } finally {
      this.#saves--
    }
  }

  async *list(): AsyncIterable<Listed> {
    for await (const found of findLabels(this.#place)) {
      if (found.kind !== 'of-another-workspace') {
        yield listed(found)
      }
    }
  }

  async open(id: Id, job: JobContext): Promise<Snapshot> {
    return openCopy(this.#place, await findCopy(this.#place, id), job)
  }

  async verify(id: Id, job: JobContext): Promise<readonly string[]> {
    return await verifyCopy(this.#place, await findCopy(this.#place, id), job)
  }

  async remove(ids: readonly Id[], job: JobContext): Promise<void> {
    await removeCopies(this.#place, ids, () => this.#saves > 0, job)
  }

  async sweep(): Promise<void> {
    await sweepCopies(this.#place, () => this.#saves > 0)
  }
}

function listed(found: Exclude<FoundLabel, { kind: 'of-another-workspace' }>): Listed {
  const key = copyKeys(found.stem).database
  switch (found.kind) {
    case 'own':
      return { kind: 'backup', backup: storedBackup(found.label, key) }
    case 'foreign':
      return { kind: 'foreign', key, shop: found.shop }
    case 'unreadable':
      return { kind: 'unreadable', key, problem: found.error.message }
    default:
      return found satisfies never
  }
}
