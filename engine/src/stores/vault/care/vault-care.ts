import { realDisk } from '../../../work/disk.ts'
import type { JobContext } from '../../../work/job-context.ts'
import type { PasswordKind } from '../format/key-file.ts'
import type { WantedLock } from '../lock/hold-lock.ts'
import { LOCK_TIMES } from '../lock/lock-times.ts'
import { underLock } from '../lock/under-lock.ts'
import type { VaultLock } from '../lock/vault-lock.ts'
import { VaultWorkers } from '../pool/vault-workers.ts'
import { BlobIndex } from '../repository/blob-index.ts'
import { openRepository } from '../repository/open-repository.ts'
import type { Repository } from '../repository/repository.ts'
import { type VaultPlace, vaultFilesOf } from '../vault-place.ts'
import type { VaultStoreOptions } from '../vault-store.ts'
import { checkVault } from './check/check-vault.ts'
import type { VaultReading, VaultReport } from './check/vault-report.ts'
import { addKey, changeKey, listKeys, removeKey, type VaultKeyEntry } from './keys.ts'
import { preparePrune } from './prune/prepare-prune.ts'
import { figuresOf, PRUNE_DEFAULTS, type PruneFigures, type PruneOptions, pruneVault } from './prune/prune-vault.ts'
import { type RepairOptions, type RepairReport, repairVault } from './repair/repair-vault.ts'

const SHARED = { exclusive: false, waitMs: LOCK_TIMES.waitMs } as const satisfies WantedLock
const EXCLUSIVE = { exclusive: true, waitMs: LOCK_TIMES.waitMs } as const satisfies WantedLock

/**
 * Looks after a vault: checks it, takes out what no backup needs, repairs it, changes its keys. Each deed takes the lock that
 * it needs. Errors of all: `vault.missing`, `key.wrong`, `vault.locked`, `vault.lock-lost`.
 */
export class VaultCare {
  readonly #place: VaultPlace

  constructor(options: VaultStoreOptions) {
    this.#place = { disk: realDisk, ...options }
  }

  /** A shared lock: backups go on, only what removes has to wait. */
  async check(reading: VaultReading, job: JobContext): Promise<VaultReport> {
    return await this.#locked(
      SHARED,
      job,
      async (repository, held) =>
        await withWorkers(
          repository,
          async (workers) => await checkVault(this.#place, repository, workers, reading, held),
        ),
    )
  }

  /** What `prune` would come to now. */
  async planPrune(options: Partial<PruneOptions>, job: JobContext): Promise<PruneFigures> {
    return await this.#locked(SHARED, job, async (repository, held) =>
      figuresOf(await preparePrune(repository, { ...PRUNE_DEFAULTS, ...options }, held)),
    )
  }

  async prune(options: Partial<PruneOptions>, job: JobContext): Promise<PruneFigures> {
    return await this.#locked(
      EXCLUSIVE,
      job,
      async (repository, held, lock) =>
        await withWorkers(
          repository,
          async (workers) => await pruneVault(repository, workers, { ...PRUNE_DEFAULTS, ...options }, lock, held),
        ),
    )
  }

  async repair(options: RepairOptions, job: JobContext): Promise<RepairReport> {
    return await this.#locked(
      EXCLUSIVE,
      job,
      async (repository, held, lock) =>
        await withWorkers(
          repository,
          async (workers) => await repairVault(this.#place, repository, workers, options, lock, held),
        ),
    )
  }

  /** Without a lock: nothing is changed. */
  async keys(): Promise<VaultKeyEntry[]> {
    return await listKeys(await this.#open())
  }

  /** Gives the name of the new key. */
  async addKey(password: string, kind: PasswordKind, job: JobContext): Promise<string> {
    return await this.#locked(SHARED, job, async (repository) =>
      addKey(repository, { password, kind, maker: this.#place.user }, Date.parse(job.clock.now())),
    )
  }

  async removeKey(name: string, job: JobContext): Promise<void> {
    await this.#locked(EXCLUSIVE, job, async (repository) => await removeKey(repository, name))
  }

  /** Gives the name of the new key. The vault no longer opens with the password that this was opened with. */
  async changeKey(password: string, kind: PasswordKind, job: JobContext): Promise<string> {
    return await this.#locked(EXCLUSIVE, job, async (repository) =>
      changeKey(repository, { password, kind, maker: this.#place.user }, Date.parse(job.clock.now())),
    )
  }

  async #locked<T>(
    wanted: WantedLock,
    job: JobContext,
    work: (repository: Repository, job: JobContext, lock: VaultLock) => Promise<T>,
  ): Promise<T> {
    const repository = await this.#open()
    return await underLock(
      repository,
      wanted,
      this.#place.user,
      job,
      async (held, lock) => await work(repository, held, lock),
    )
  }

  async #open(): Promise<Repository> {
    return await openRepository(vaultFilesOf(this.#place), this.#place.passwords)
  }
}

async function withWorkers<T>({ key }: Repository, work: (workers: VaultWorkers) => Promise<T>): Promise<T> {
  await using workers = new VaultWorkers(key, new BlobIndex().ids('data').share())
  return await work(workers)
}
