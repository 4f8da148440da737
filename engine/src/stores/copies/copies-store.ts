import type { Id, StoredBackup } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import type { JobContext } from '../../work/job-context.ts'
import { findBackup } from '../find-backup.ts'
import { listBackups } from '../list-backups.ts'
import type { Listed, Store } from '../store.ts'
import type { StorePlace } from '../store-place.ts'
import { sweepBackups } from '../sweep-backups.ts'
import { openCopy } from './open-copy.ts'
import { removeCopies } from './remove-copies.ts'
import { saveCopy } from './save-copy.ts'
import { verifyCopy } from './verify-copy.ts'

/**
 * Keeps each backup as a plain database file in a folder of its tier, with a signed label beside it: a person can copy
 * it by hand. Images are kept once for all backups. docs/format/copies.md has every byte.
 */
export class CopiesStore implements Store {
  readonly #place: StorePlace
  #saves = 0

  constructor(place: Omit<StorePlace, 'ending'>) {
    this.#place = { ...place, ending: '.db' }
  }

  async save(snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
    this.#saves++
    try {
      return await saveCopy(this.#place, snapshot, job)
    } finally {
      this.#saves--
    }
  }

  list(): AsyncIterable<Listed> {
    return listBackups(this.#place)
  }

  async open(id: Id, job: JobContext): Promise<Snapshot> {
    return openCopy(this.#place, await findBackup(this.#place, id), job)
  }

  async verify(id: Id, job: JobContext): Promise<readonly string[]> {
    return await verifyCopy(this.#place, await findBackup(this.#place, id), job)
  }

  async remove(ids: readonly Id[], job: JobContext): Promise<void> {
    await removeCopies(this.#place, ids, () => this.#saves > 0, job)
  }

  async sweep(): Promise<void> {
    await sweepBackups(this.#place, () => this.#saves > 0)
  }
}
