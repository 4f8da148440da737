import type { Id, StoredBackup } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { type Disk, realDisk } from '../../work/disk.ts'
import type { JobContext } from '../../work/job-context.ts'
import { findBackup } from '../find-backup.ts'
import { listBackups } from '../list-backups.ts'
import { removeBackups } from '../remove-backups.ts'
import type { Listed, Store } from '../store.ts'
import type { StorePlace } from '../store-place.ts'
import { sweepBackups } from '../sweep-backups.ts'
import type { ArchivePlace } from './archive-place.ts'
import { openArchive } from './open-archive.ts'
import { saveArchive } from './save-archive.ts'
import { verifyArchive } from './verify-archive.ts'

/** Where an archive store keeps its backups, and the folder of ours on this machine where they are made and opened. */
export interface ArchiveStoreOptions extends Omit<StorePlace, 'ending'> {
  readonly scratch: string
  /** The disk of the scratch folder. */
  readonly disk?: Disk
}

/**
 * Keeps each backup as one ZIP with all that belongs to it, in a folder of its tier, and its signed label beside it.
 * docs/format/archive.md has every byte.
 */
export class ArchiveStore implements Store {
  readonly #place: ArchivePlace
  #saves = 0

  constructor(options: ArchiveStoreOptions) {
    this.#place = { disk: realDisk, ...options, ending: '.zip' }
  }

  async save(snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
    this.#saves++
    try {
      return await saveArchive(this.#place, snapshot, job)
    } finally {
      this.#saves--
    }
  }

  list(): AsyncIterable<Listed> {
    return listBackups(this.#place)
  }

  async open(id: Id, job: JobContext): Promise<Snapshot> {
    return await openArchive(this.#place, await findBackup(this.#place, id), job)
  }

  async verify(id: Id, job: JobContext): Promise<readonly string[]> {
    return await verifyArchive(this.#place, await findBackup(this.#place, id), job)
  }

  async remove(ids: readonly Id[], job: JobContext): Promise<void> {
    await removeBackups(this.#place, ids, job)
  }

  async sweep(): Promise<void> {
    await sweepBackups(this.#place, () => this.#saves > 0)
  }
}
