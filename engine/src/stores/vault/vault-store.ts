import { type Id, type Label, type StoredBackup, TillsafeError } from '../../model/index.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { type Disk, realDisk } from '../../work/disk.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { VaultUser } from '../../work/vault-user.ts'
import { noBackup } from '../find-backup.ts'
import type { FoundLabel } from '../find-labels.ts'
import { hasCode } from '../has-code.ts'
import type { Listed, Store } from '../store.ts'
import type { TreeNode } from './format/tree.ts'
import { holdLock } from './lock/hold-lock.ts'
import { LOCK_TIMES } from './lock/lock-times.ts'
import { underLock } from './lock/under-lock.ts'
import type { VaultLock } from './lock/vault-lock.ts'
import { openBackup } from './open/open-backup.ts'
import type { OpenedVault } from './open/opened-vault.ts'
import { VaultWorkers } from './pool/vault-workers.ts'
import { BlobIndex } from './repository/blob-index.ts'
import { createRepository, openRepository } from './repository/open-repository.ts'
import type { Repository } from './repository/repository.ts'
import { requireWritable } from './repository/require-writable.ts'
import { findFormer, sweepHints } from './save/former-backup.ts'
import { loadStored } from './save/load-stored.ts'
import { saveVault } from './save/save-vault.ts'
import { asBackupDamage, type FoundSnapshot, readSnapshots } from './snapshots/read-snapshots.ts'
import { storedVaultBackup } from './stored-vault-backup.ts'
import { type VaultPlace, vaultFilesOf } from './vault-place.ts'
import { verifyBackup } from './verify/verify-backup.ts'

/** Where a vault store keeps its backups, what opens them, and the folder of ours that remembers how to be quick. */
export interface VaultStoreOptions extends Omit<VaultPlace, 'disk'> {
  readonly disk?: Disk
}

/** Who restores does not wait longer: see `lockToRead`. */
const READ_WAIT_MS = 10_000

/**
 * Keeps backups in a repository of restic's format, version 2: each one whole, what they share stored once, encrypted and
 * compressed. docs/format/vault.md has every byte.
 */
export class VaultStore implements Store {
  readonly #place: VaultPlace

  constructor(options: VaultStoreOptions) {
    this.#place = { disk: realDisk, ...options }
  }

  /** The first save into a place makes its vault. */
  async save(snapshot: Snapshot, job: JobContext): Promise<StoredBackup> {
    const repository = await this.#openOrCreate(job)
    requireWritable(repository)
    return await underLock(
      repository,
      { exclusive: false, waitMs: LOCK_TIMES.waitMs },
      this.#place.user,
      job,
      async (held, lock) => {
        const index = await loadStored(repository)
        const former = await findFormer(this.#place, repository, index)
        return await saveVault(this.#place, { repository, index, former, lock }, snapshot, held)
      },
    )
  }

  async *list(): AsyncIterable<Listed> {
    const repository = await this.#openIfThere()
    if (repository === undefined) {
      return
    }
    let damage: TillsafeError | undefined
    const index = await repository.loadIndex((error) => {
      damage ??= error
    })
    for await (const { found } of readSnapshots(this.#place, repository, index)) {
      const listed = this.#listed(found, damage)
      if (listed !== undefined) {
        yield listed
      }
    }
  }

  /** Holds a shared lock until it is put away, so that nobody removes what is read. */
  async open(id: Id, job: JobContext): Promise<Snapshot> {
    const vault = await this.#openToRead(id, job)
    return openBackup(vault, vault.label, vault.nodes, job)
  }

  async verify(id: Id, job: JobContext): Promise<readonly string[]> {
    await using vault = await this.#openToRead(id, job)
    return await verifyBackup(vault, vault.label, vault, job)
  }

  /** Removes the snapshots. Their blobs go when the vault is pruned. */
  async remove(ids: readonly Id[], job: JobContext): Promise<void> {
    const repository = await this.#openIfThere()
    if (repository === undefined) {
      return
    }
    await underLock(
      repository,
      { exclusive: true, waitMs: LOCK_TIMES.waitMs },
      this.#place.user,
      job,
      async (held, lock) => {
        const index = await repository.loadIndex(() => undefined)
        for await (const { found } of readSnapshots(this.#place, repository, index)) {
          if (found.kind === 'own' && ids.includes(found.label.id)) {
            held.signal.throwIfAborted()
            await lock.requireHeld()
            await repository.files.remove('snapshots', found.stem)
          }
        }
      },
    )
  }

  async sweep(): Promise<void> {
    await sweepHints(this.#place)
    await this.#place.destination.sweep()
  }

  async #openToRead(id: Id, job: JobContext): Promise<FoundBackup & OpenedVault & AsyncDisposable> {
    const repository = await this.#openIfThere().catch((error: unknown) => {
      throw asBackupDamage(error)
    })
    if (repository === undefined) {
      throw noBackup(id, undefined)
    }
    await using held = new AsyncDisposableStack()
    held.use(await lockToRead(repository, this.#place.user, job))
    const workers = held.use(new VaultWorkers(repository.key, new BlobIndex().ids('data').share())) // they begin meanwhile
    const found = await this.#find(repository, id)
    const all = held.move()
    return { repository, ...found, workers, [Symbol.asyncDispose]: async () => await all.disposeAsync() }
  }

  /** Errors: `backup.unknown`, `backup.damaged` when the vault is, `identity.foreign`. */
  async #find(repository: Repository, id: Id): Promise<FoundBackup> {
    let damage: TillsafeError | undefined
    const index = await repository.loadIndex((error) => {
      damage ??= error
    })
    let claim: FoundLabel | undefined
    for await (const { found, tree, nodes } of readSnapshots(this.#place, repository, index)) {
      if (found.kind === 'own' && found.label.id === id && tree !== undefined) {
        return { index, label: found.label, root: tree, nodes }
      }
      if (found.kind !== 'own' && found.id === id) {
        claim = found
      }
      damage ??= namelessDamage(found)
    }
    throw claim === undefined && damage !== undefined ? noneReadable(id, damage) : noBackup(id, claim)
  }

  /** What can't be read may be so because an index is damaged: then both are told. */
  #listed(found: FoundSnapshot['found'], damage: TillsafeError | undefined): Listed | undefined {
    const key = vaultFilesOf(this.#place).keyOf('snapshots', found.stem)
    switch (found.kind) {
      case 'own':
        return { kind: 'backup', backup: storedVaultBackup(this.#place, found.label, found.stem) }
      case 'foreign':
        return { kind: 'foreign', key, shop: found.shop }
      case 'unreadable':
        return {
          kind: 'unreadable',
          key,
          problem: [found.error, damage].flatMap((error) => error?.message ?? []).join('; '),
        }
      case 'of-another-workspace':
        return undefined
      default:
        return found satisfies never
    }
  }

  async #openOrCreate(job: JobContext): Promise<Repository> {
    const there = await this.#openIfThere()
    if (there !== undefined) {
      return there
    }
    const [password = ''] = this.#place.passwords
    const first = { password, kind: 'random', maker: this.#place.user } as const
    try {
      return await createRepository(vaultFilesOf(this.#place), first, Date.parse(job.clock.now()))
    } catch (error) {
      if (!hasCode(error, 'destination.name-taken')) {
        throw error
      }
      return await this.#open() // somebody was quicker
    }
  }

  /** Undefined when no vault has been made there. */
  async #openIfThere(): Promise<Repository | undefined> {
    try {
      return await this.#open()
    } catch (error) {
      if (hasCode(error, 'vault.missing')) {
        return undefined
      }
      throw error
    }
  }

  async #open(): Promise<Repository> {
    return await openRepository(vaultFilesOf(this.#place), this.#place.passwords)
  }
}

/** Why a backup can't be read of which not even the id is known. */
function namelessDamage(found: FoundLabel): TillsafeError | undefined {
  return found.kind === 'unreadable' && found.id === undefined ? found.error : undefined
}

/** It may be one of those that can't be read. */
function noneReadable(id: Id, cause: TillsafeError): TillsafeError {
  const hint = '`tillsafe vault check` shows what is hurt; `tillsafe vault repair` saves what can be saved.'
  return new TillsafeError('backup.unknown', `no backup ${id} can be read here: ${cause.message}`, { cause, hint })
}

/**
 * Undefined where no lock can be written, or somebody keeps the vault locked: a restore must not wait for a machine that died, nor
 * for a lock file that nobody can read. Reading beside a prune can meet a pack that has just gone, and says so.
 */
async function lockToRead(repository: Repository, user: VaultUser, job: JobContext): Promise<VaultLock | undefined> {
  try {
    return await holdLock(repository, { exclusive: false, waitMs: READ_WAIT_MS }, user, job)
  } catch (error) {
    if (hasCode(error, 'vault.locked', 'destination.denied', 'destination.full', 'destination.failed')) {
      return undefined
    }
    throw error
  }
}

interface FoundBackup {
  readonly index: BlobIndex
  readonly label: Label
  readonly root: Buffer
  readonly nodes: readonly TreeNode[]
}
