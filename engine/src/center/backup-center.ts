import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Backup,
  type Clock,
  type Id,
  type JobKind,
  originOf,
  type RestorePlan,
  randomId,
  type Tier,
  TillsafeError,
  type Trigger,
} from '../model/index.ts'
import type { Unlock } from '../work/age/unseal.ts'
import { blamePath } from '../work/blame-path.ts'
import { diskFailure } from '../work/disk-failure.ts'
import type { JobContext } from '../work/job-context.ts'
import { removeTree } from '../work/remove-tree.ts'
import { systemClock } from '../work/system-clock.ts'
import type { AuditLog } from './audit-log.ts'
import { type BackUpOutcome, backUp } from './back-up.ts'
import { careForVault, type VaultDeeds, type VaultRequest } from './care-for-vault.ts'
import { ChainedLog } from './chained-log.ts'
import { checkLive, type DatabaseCheck, type DatabaseOptimization, optimizeLive } from './database-care.ts'
import type { Desk } from './desk.ts'
import { dropKept } from './drop-kept.ts'
import { type ExportedArchive, exportArchive, exportShop } from './export-archive.ts'
import { type ExportedDatabase, exportDatabase } from './export-database.ts'
import { type FoundBackups, findBackups, pickBackup } from './find-backups.ts'
import { HomeLock } from './home-lock.ts'
import { Job } from './job.ts'
import { type DrawKit, makeKit } from './make-kit.ts'
import { planRestore } from './plan-restore.ts'
import { type Recovered, recover } from './recover.ts'
import { type RestoreConsent, type RestoreOutcome, restore } from './restore.ts'
import { type RestoredFolder, restoreInto } from './restore-into.ts'
import { RestoreJournal } from './restore-journal.ts'
import { type FileRequest, originOfBackup, originOfFile, originsOfFile } from './restore-origin.ts'
import { quietJob, Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'
import { type VerifyResult, verifyBackup } from './verify-backup.ts'
import { Witness } from './witness.ts'
import type { ExportedFile, ExportRequest } from './write-export.ts'

export interface CenterOptions {
  readonly clock?: Clock
  /** The version of the program, for the labels. */
  readonly version: string
}

/**
 * The center of a shop: it takes backups, verifies them and brings them back. One process at a time has it; opening it
 * finishes or takes back what an earlier one was cut in. Jobs on one workspace run one after the other.
 */
export class BackupCenter implements AsyncDisposable {
  readonly shop: Shop
  /** What had to be finished or taken back at this start, as sentences; usually nothing. */
  readonly recovered: Recovered
  readonly #desk: Desk
  readonly #lock: HomeLock
  readonly #turns = new Map<string, Promise<unknown>>()

  private constructor(desk: Desk, lock: HomeLock, recovered: Recovered) {
    this.shop = desk.shop
    this.recovered = recovered
    this.#desk = desk
    this.#lock = lock
  }

  /** Errors: `home.missing`, `home.busy`, `home.damaged`, `settings.invalid`, `space.short`. */
  static async open(folder: string, { clock = systemClock, version }: CenterOptions): Promise<BackupCenter> {
    const shop = await Shop.open(folder)
    try {
      return await BackupCenter.#start(shop, clock, version)
    } catch (error) {
      throw await diskFailure(error, shop.home.path)
    }
  }

  static async #start(shop: Shop, clock: Clock, version: string): Promise<BackupCenter> {
    await chmod(shop.home.path, 0o700).catch(() => undefined) // not ours to change: then it stays as the owner has it
    const lock = HomeLock.take(shop.home, clock)
    try {
      await emptyScratch(shop.home.scratch)
      const desk = openDesk(shop, clock, version)
      try {
        return new BackupCenter(desk, lock, await recover(desk, quietJob(clock)))
      } catch (error) {
        desk.state[Symbol.dispose]()
        throw error
      }
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  /** Takes a backup into the named destinations, or into all of the workspace's. */
  backUp(
    request: { workspace?: string; to?: readonly string[]; trigger?: Trigger; tiers?: readonly Tier[] } = {},
  ): Job<BackUpOutcome> {
    const workspace = this.shop.workspace(request.workspace)
    const trigger = request.trigger ?? 'manual'
    const tiers = request.tiers ?? (originOf(trigger) === 'manual' ? ['manual'] : ['safety'])
    return this.#begin('backup', workspace.id, async (job) => {
      const outcome = await backUp({ workspace, to: request.to ?? [], trigger, tiers }, this.#desk, job)
      await dropKept(outcome.backup.label, this.#desk).catch(() => undefined) // the next backup tries again
      return outcome
    })
  }

  /** Reads every byte of a backup's copies, and opens its database. */
  verify(id: Id, workspaceName?: string): Job<VerifyResult> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('verify', workspace.id, async (job) => {
      return verifyBackup(await this.#pick(id, workspace.id), workspace, this.#desk, job)
    })
  }

  /** What restoring a backup would do. Nothing is touched. */
  async planRestore(id: string, workspaceName?: string): Promise<RestorePlan> {
    const workspace = this.shop.workspace(workspaceName)
    return planRestore(
      await originOfBackup(id, workspace, this.#desk),
      workspace,
      this.#desk,
      quietJob(this.#desk.clock),
    )
  }

  /**
   * What restoring a file would do: a database, or an archive. What it holds goes into the workspace that its label names;
   * a file without a label goes into the named one. Errors: `identity.foreign`, `workspace.other`, `key.needed` …
   */
  async planRestoreFile(file: string, request: FileRequest = {}): Promise<RestorePlan> {
    const job = quietJob(this.#desk.clock)
    const { origin, workspace } = await originOfFile(file, request, this.#desk, job)
    return planRestore(origin, workspace, this.#desk, job)
  }

  /** What restoring a whole shop from its archive would do: a plan for each workspace that it holds. */
  async planRestoreShop(file: string, { key }: Pick<FileRequest, 'key'> = {}): Promise<readonly RestorePlan[]> {
    const job = quietJob(this.#desk.clock)
    const plans: RestorePlan[] = []
    for (const { origin, workspace } of await originsOfFile(file, { key }, this.#desk, job)) {
      plans.push(await planRestore(origin, workspace, this.#desk, job))
    }
    return plans
  }

  /** The workspaces whose data a file brings, as far as they are wanted. Errors: `identity.foreign`, `workspace.other` … */
  async workspacesOfFile(file: string, request: FileRequest = {}): Promise<readonly string[]> {
    const origins = await originsOfFile(file, request, this.#desk, quietJob(this.#desk.clock))
    return origins.map(({ workspace }) => workspace.id)
  }

  /** Writes a backup, or the database of a file, into a new folder. Nothing live is touched. */
  restoreInto(
    from: { id: string } | { file: string; key?: Unlock },
    folder: string,
    workspaceName?: string,
  ): Job<RestoredFolder> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('restore', workspace.id, async (job) => {
      const key = 'file' in from ? from.key : undefined
      const origin =
        'id' in from
          ? await originOfBackup(from.id, workspace, this.#desk)
          : (await originOfFile(from.file, { workspace: workspace.id, key }, this.#desk, job)).origin
      return blamePath(folder, () => restoreInto(origin.from, key, folder, workspace, this.#desk, job))
    })
  }

  /** Does a plan. Errors: `confirmation.needed`, `source.open`, `source.changed`, `backup.damaged`, `space.short` … */
  restore(plan: RestorePlan, consent: RestoreConsent): Job<RestoreOutcome> {
    return this.#begin('restore', plan.workspace, (job) => restore(plan, consent, this.#desk, job))
  }

  /** What taking the last restore back (or the one with this id) would do: a restore of its safety backup. */
  async planUndo(restoreId?: string, workspaceName?: string): Promise<RestorePlan> {
    const workspace = this.shop.workspace(workspaceName)
    const done = this.#desk.state.findRestore(workspace.id, restoreId)
    if (done?.safetyBackup === undefined) {
      throw new TillsafeError(
        'undo.nothing',
        done ? 'that restore replaced nothing that could be saved' : 'there is no restore to take back',
      )
    }
    return this.planRestore(done.safetyBackup, workspace.id)
  }

  /** Writes an exact hot copy of a workspace's database into a new file, with its signed label beside it. */
  exportDatabase(request: ExportRequest, workspaceName?: string): Job<ExportedDatabase> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('export', workspace.id, (job) =>
      blamePath(request.output, () => exportDatabase(workspace, request, this.#desk, job)),
    )
  }

  /** Writes a complete archive of a workspace, as it is now, into a new file. */
  exportArchive(request: ExportRequest, workspaceName?: string): Job<ExportedArchive> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('export', workspace.id, (job) =>
      blamePath(request.output, () => exportArchive(workspace, request, this.#desk, job)),
    )
  }

  /** Writes the whole shop, as it is now, into a new file. It waits for the jobs of all workspaces. */
  exportShop(request: ExportRequest): Job<ExportedArchive> {
    return this.#begin('export', WHOLE_SHOP, (job) =>
      blamePath(request.output, () => exportShop(request, this.#desk, job)),
    )
  }

  /**
   * Writes the emergency kit, as `draw` makes it, into a new file that only its owner can read. Errors:
   * `restore.target-exists`; `usage.invalid` for a place beside the backups.
   */
  makeKit(output: string, draw: DrawKit): Job<ExportedFile> {
    return this.#begin('export', WHOLE_SHOP, (job) => blamePath(output, () => makeKit(output, draw, this.#desk, job)))
  }

  /** Takes a copy and lets the engine check it: sales go on, whatever the journal mode. */
  checkDatabase(workspaceName?: string): Job<DatabaseCheck> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('database-check', workspace.id, (job) => checkLive(workspace, this.#desk, job))
  }

  /** Tidies the live database up; rewrites it when a fifth of it is free. Errors: `source.open`, `space.short`. */
  optimizeDatabase(workspaceName?: string): Job<DatabaseOptimization> {
    const workspace = this.shop.workspace(workspaceName)
    return this.#begin('database-optimize', workspace.id, (job) => optimizeLive(workspace, this.#desk, job))
  }

  /** Looks after a vault: checks, prunes or repairs it, changes its keys. Backups of the workspace wait for their turn. */
  careForVault<R>(request: VaultRequest, deed: (vault: VaultDeeds, job: JobContext) => Promise<R>): Job<R> {
    const vault = careForVault(request, this.#desk)
    return this.#begin('vault-care', this.shop.workspace(request.workspace).id, (job) => deed(vault, job))
  }

  findBackups(workspaceName?: string, only: readonly string[] = []): Promise<FoundBackups> {
    return findBackups(this.shop, this.shop.workspace(workspaceName), only)
  }

  get audit(): AuditLog {
    return this.#desk.audit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#turns.values())
    this.#desk.state[Symbol.dispose]()
    this.#lock[Symbol.dispose]()
  }

  async #pick(id: Id, workspace: string): Promise<Backup> {
    return pickBackup((await this.findBackups(workspace)).backups, id)
  }

  #begin<R>(kind: JobKind, workspace: string, work: (job: JobContext) => Promise<R>): Job<R> {
    const { clock, state, shop } = this.#desk
    const concerned =
      workspace === WHOLE_SHOP ? [WHOLE_SHOP, ...shop.settings.workspaces.map(({ id }) => id)] : [workspace]
    const turn = Promise.all([WHOLE_SHOP, ...concerned].map((name) => this.#turns.get(name)))
    const job = new Job<R>({ id: randomId(shop.random), kind, workspace }, turn, async (running) => {
      try {
        state.beginJob(running.id, kind, workspace, clock)
        return await work({ clock, signal: running.signal, report: (progress) => running.report(progress) })
      } catch (error) {
        throw await diskFailure(error, shop.home.path)
      }
    })
    const ended = job.result.then(
      () => undefined,
      () => undefined,
    )
    // On a full disk the history stays behind; the next job has its turn all the same.
    const over = ended.then(() => state.endJob(job.id, job.status, clock)).catch(() => undefined)
    for (const name of concerned) {
      this.#turns.set(name, over)
    }
    return job
  }
}

/** In the place of a workspace: a job that concerns them all. No workspace has this id. */
const WHOLE_SHOP = '*'

function openDesk(shop: Shop, clock: Clock, version: string): Desk {
  const state = new StateDatabase(shop.home.state)
  const owner = { key: shop.identity.auditKey, signer: shop.signer }
  return {
    shop,
    clock,
    state,
    version,
    audit: new ChainedLog(state.connection, 'audit', owner, clock),
    witness: new Witness(new ChainedLog(state.connection, 'witness', owner, clock)),
    journal: new RestoreJournal(shop.home),
  }
}

async function emptyScratch(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(folder)) {
    // A child that outlives a killed program may still write there for a moment: such a removal is tried again.
    await removeTree(join(folder, name), { maxRetries: 20, retryDelay: 25 })
  }
}
