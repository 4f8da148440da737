import {
  type Backup,
  type CopyOutcome,
  failureOf,
  type Heading,
  type StoredBackup,
  type Tier,
  TillsafeError,
  type Trigger,
  type WorkspaceSettings,
} from '../model/index.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { diskFailure } from '../work/disk-failure.ts'
import { firstError } from '../work/first-error.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Desk } from './desk.ts'
import { findBackups } from './find-backups.ts'
import { keepRecovery } from './keep-recovery.ts'
import { kitNeeds } from './kit-needs.ts'
import { makeHeading } from './make-heading.ts'
import type { Shelf } from './shop.ts'
import { withSettings } from './with-settings.ts'

export interface BackUpRequest {
  readonly workspace: WorkspaceSettings
  /** The destinations' names; all of the workspace's when empty. */
  readonly to: readonly string[]
  readonly trigger: Trigger
  readonly tiers: readonly Tier[]
}

export interface BackUpOutcome {
  readonly backup: Backup
  /** One for each destination, failed ones too. */
  readonly copies: readonly CopyOutcome[]
  /** What does not touch the backup and needs a person all the same, as sentences. */
  readonly problems: readonly string[]
}

/**
 * Takes a backup: the source is read once, then each destination gets its copy and its own outcome. Throws when not
 * one copy is good.
 */
export async function backUp(request: BackUpRequest, desk: Desk, job: JobContext): Promise<BackUpOutcome> {
  const shelves = desk.shop.shelves(request.workspace, request.to)
  if (shelves.length === 0) {
    throw new TillsafeError('destination.unknown', `the workspace ${request.workspace.id} has no such destination`)
  }
  try {
    const source = await desk.shop.source(request.workspace)
    const mayStayInPlace = shelves.every(({ settings }) => settings.store === 'vault')
    const withPageMap = shelves.some(({ settings }) => settings.store === 'vault')
    await using taken = await source.take(await headingFor(request, desk), job, { mayStayInPlace, withPageMap })
    const snapshot = withSettings(taken, desk.shop.settings)
    const outcome = await saveEverywhere(snapshot, shelves, desk, job)
    await remember(outcome, desk)
    const problems = await keepRecoveryBeside(outcome, shelves, desk)
    return { ...outcome, problems: [...problems, ...kitNeeds(request.workspace, desk.shop, desk.state)] }
  } catch (thrown) {
    const error = firstError(thrown)
    const { code, message } = failureOf(error)
    desk.audit.add({
      act: 'backup.failed',
      details: { workspace: request.workspace.id, trigger: request.trigger, code, message },
    })
    throw error
  }
}

type SavedCopies = Omit<BackUpOutcome, 'problems'>

async function headingFor(request: BackUpRequest, desk: Desk): Promise<Omit<Heading, 'takenAt'>> {
  const { workspace, trigger, tiers } = request
  const { backups } = await findBackups(desk.shop, workspace)
  const sequence = desk.state.nextSequence(workspace.id, backups[0]?.label.sequence ?? 0)
  return makeHeading(workspace, desk, { trigger, tiers, sequence })
}

async function saveEverywhere(
  snapshot: Snapshot,
  shelves: readonly Shelf[],
  desk: Desk,
  job: JobContext,
): Promise<SavedCopies> {
  const copies: CopyOutcome[] = []
  const saved: { shelf: Shelf; backup: StoredBackup }[] = []
  let firstFailure: unknown
  for (const shelf of shelves) {
    const destination = shelf.destination.name
    try {
      const backup = await shelf.store.save(snapshot, forSubject(job, destination))
      saved.push({ shelf, backup })
      copies.push({ destination, ok: true, key: backup.key, bytes: backup.bytes })
    } catch (error) {
      if (job.signal.aborted) {
        throw error
      }
      const failure = await diskFailure(error, desk.shop.home.path) // archives are made in our scratch folder
      firstFailure ??= failure
      copies.push({ destination, ok: false, error: failureOf(failure) })
    }
  }
  const first = saved[0]
  if (first === undefined) {
    throw firstFailure
  }
  const places = saved.map(({ shelf, backup }) => ({
    destination: shelf.destination.name,
    store: shelf.settings.store,
    key: backup.key,
  }))
  return { backup: { label: first.backup.label, bytes: first.backup.bytes, places }, copies }
}

async function remember({ backup, copies }: SavedCopies, desk: Desk): Promise<void> {
  const { id, workspace, trigger, chainHeads, database } = backup.label
  desk.witness.record({ event: 'seen', workspace: workspace.id, backup: id, heads: chainHeads })
  desk.audit.add({
    act: 'backup.taken',
    details: {
      backup: id,
      workspace: workspace.id,
      trigger,
      sha256: database.sha256,
      copies: copies.map((copy) => ({ destination: copy.destination, ok: copy.ok })),
    },
  })
}

/** Where a backup lies, its shop can be made anew from. */
function keepRecoveryBeside(
  { copies }: SavedCopies,
  shelves: readonly Shelf[],
  desk: Desk,
): Promise<readonly string[]> {
  const good = new Set(copies.filter(({ ok }) => ok).map(({ destination }) => destination))
  return keepRecovery(
    desk,
    shelves.map(({ destination }) => destination).filter(({ name }) => good.has(name)),
  )
}

function forSubject(job: JobContext, subject: string): JobContext {
  return { clock: job.clock, signal: job.signal, report: (progress) => job.report({ ...progress, subject }) }
}
