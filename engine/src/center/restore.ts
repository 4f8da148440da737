import {
  type Backup,
  type CommittedRestore,
  type Facts,
  failureOf,
  type Id,
  RESTORE_WORDS,
  type RestorePlan,
  type RestoreReason,
  TillsafeError,
  type WorkspaceSettings,
} from '../model/index.ts'
import type { Expected, Source, Staged } from '../sources/source.ts'
import type { Unlock } from '../work/age/unseal.ts'
import type { JobContext } from '../work/job-context.ts'
import { backUp } from './back-up.ts'
import type { Desk } from './desk.ts'
import { shelvesOf } from './find-backups.ts'
import { finishRestore } from './finish-restore.ts'
import { openings } from './restore-origin.ts'
import { runTillCommand } from './run-till-command.ts'

/** What a person says to a plan. */
export interface RestoreConsent {
  readonly confirm: string | undefined
  readonly reason: RestoreReason
  /** Opens the file that is restored, when it is sealed. */
  readonly key?: Unlock
}

export interface RestoreOutcome {
  readonly restore: Id
  /** The id of what was restored. */
  readonly backup: Id
  readonly facts: Facts
  readonly safetyBackup: Backup | undefined
}

/**
 * Does a restore plan: safety backup, everything staged and checked beside the live data, then the decision is
 * written down and the swap follows. Cut anywhere, the next start finishes it or takes it back.
 */
export async function restore(
  plan: RestorePlan,
  consent: RestoreConsent,
  desk: Desk,
  job: JobContext,
): Promise<RestoreOutcome> {
  const workspace = desk.shop.workspace(plan.workspace)
  const source = await desk.shop.source(workspace)
  requireConsent(plan, consent)
  await requireNoneUnfinished(plan.workspace, desk)
  await requireFresh(plan, source, job)
  if (workspace.till?.stop !== undefined) {
    await runTillCommand(workspace.till.stop, job.signal)
  }
  const outcome = await replaceAll(plan, consent, { desk, workspace, source }, job).catch(async (error: unknown) => {
    await startAgain(plan.id, workspace, desk)
    throw error
  })
  if (workspace.till?.start !== undefined) {
    await runTillCommand(workspace.till.start, job.signal)
  }
  return outcome
}

interface Scene {
  readonly desk: Desk
  readonly workspace: WorkspaceSettings
  readonly source: Source
}

async function replaceAll(
  plan: RestorePlan,
  consent: RestoreConsent,
  scene: Scene,
  job: JobContext,
): Promise<RestoreOutcome> {
  const { desk, workspace, source } = scene
  await source.requireClosed(job)
  const about = {
    kind: 'tillsafe.restore',
    id: plan.id,
    workspace: workspace.id,
    backup: plan.from.id,
    reason: consent.reason,
  } as const
  await desk.journal.write({ ...about, state: 'prepare' })
  desk.audit.add({
    act: 'restore.begun',
    details: {
      restore: plan.id,
      from: plan.from,
      foreign: plan.from.kind === 'file' && !plan.from.labelled,
      workspace: workspace.id,
      reason: consent.reason,
    },
  })
  try {
    const safety = await takeSafetyBackup(plan, consent, scene, job)
    const { staged, facts } = await stageFirstWhole(plan, consent, scene, job)
    await source.requireClosed(job) // staging took its time, and an idle till may hold no lock
    const entry: CommittedRestore = {
      ...about,
      state: 'commit',
      staged,
      expected: safety.expected,
      chainHeads: facts.chainHeads,
      ...(safety.backup && { safetyBackup: safety.backup.label.id }),
    }
    await desk.journal.write(entry)
    await finishRestore(entry, desk, job, 'restore.done')
    return { restore: plan.id, backup: plan.from.id, facts, safetyBackup: safety.backup }
  } catch (error) {
    await abandonUnlessCommitted(plan.id, source, desk, error)
    throw error
  }
}

/** Before the commit everything of the restore is taken back; after it, the next start goes on where this one ended. */
async function abandonUnlessCommitted(id: Id, source: Source, desk: Desk, error: unknown): Promise<void> {
  const entry = (await desk.journal.entries()).find((candidate) => candidate.id === id)
  if (entry?.state === 'prepare') {
    await source.forget(id)
    await desk.journal.remove(id)
    const { code, message } = failureOf(error)
    desk.audit.add({ act: 'restore.abandoned', details: { restore: id, code, message } })
  }
}

async function takeSafetyBackup(
  plan: RestorePlan,
  consent: RestoreConsent,
  { desk, workspace, source }: Scene,
  job: JobContext,
): Promise<{ backup: Backup | undefined; expected: Expected }> {
  if (plan.current !== 'sound') {
    return { backup: undefined, expected: await source.expectRuins() }
  }
  try {
    const backup = await saveFirst(workspace, desk, {
      ...job,
      report: (progress) => job.report({ ...progress, step: 'safety-backup' }),
    })
    return { backup, expected: await expectedFrom(backup, { desk, workspace, source }, job) }
  } catch (error) {
    requireInsistence(error, consent)
    return { backup: undefined, expected: await source.expectRuins() }
  }
}

/** A safety backup that is impossible must not make a restore impossible: the person says so in more words. */
function requireInsistence(error: unknown, consent: RestoreConsent): void {
  if (
    !(error instanceof TillsafeError) ||
    (error.code !== 'source.damaged' && error.code !== 'source.not-a-database')
  ) {
    throw error
  }
  if (!consent.confirm?.endsWith(RESTORE_WORDS.withoutSafety)) {
    throw new TillsafeError('confirmation.needed', `no safety backup can be taken: ${error.message}`, {
      cause: error,
      confirm: RESTORE_WORDS.withoutSafety,
    })
  }
}

/** What the swap must find: what the safety backup has. */
async function expectedFrom(backup: Backup, { desk, workspace, source }: Scene, job: JobContext): Promise<Expected> {
  const shelf = shelvesOf(desk.shop, workspace, backup)[0]
  if (shelf === undefined) {
    throw new TillsafeError('backup.unknown', `the safety backup ${backup.label.id} can't be found`)
  }
  await using snapshot = await shelf.store.open(backup.label.id, job)
  return await source.expectUnchanged(snapshot, job)
}

async function stageFirstWhole(
  plan: RestorePlan,
  { key }: RestoreConsent,
  { desk, workspace, source }: Scene,
  job: JobContext,
): Promise<{ staged: Staged; facts: Facts }> {
  let firstError: unknown
  for (const open of await openings(plan.from, key, workspace, desk, job)) {
    try {
      await using snapshot = await open()
      return { staged: await source.stage(snapshot, plan.id, job), facts: await snapshot.facts() }
    } catch (error) {
      if (job.signal.aborted) {
        throw error
      }
      firstError ??= error
    }
  }
  throw firstError
}

/** The first destination of a workspace is the nearest; one that is away is no reason not to restore. */
async function saveFirst(workspace: WorkspaceSettings, desk: Desk, job: JobContext): Promise<Backup> {
  let firstError: unknown
  for (const { destination } of workspace.copies) {
    try {
      const request = { workspace, to: [destination], trigger: 'before-restore', tiers: ['safety'] } as const
      return (await backUp(request, desk, job)).backup
    } catch (error) {
      if (job.signal.aborted || !failureOf(error).code.startsWith('destination.')) {
        throw error
      }
      firstError ??= error
    }
  }
  throw firstError
}

function requireConsent(plan: RestorePlan, { confirm }: RestoreConsent): void {
  const wanted = plan.confirmation ?? ''
  const isForeign = wanted.startsWith(RESTORE_WORDS.foreign)
  const enough = [wanted, `${isForeign ? `${RESTORE_WORDS.foreign} ` : ''}${RESTORE_WORDS.withoutSafety}`]
  if (!enough.includes(confirm ?? '')) {
    throw new TillsafeError('confirmation.needed', `to replace the data of ${plan.workspace}, type ${wanted}`, {
      confirm: wanted,
    })
  }
}

/** A restore that was decided and not finished comes first: it would undo this one at the next start. */
async function requireNoneUnfinished(workspace: string, desk: Desk): Promise<void> {
  const entries = await desk.journal.entries()
  if (entries.some((entry) => entry.state === 'commit' && entry.workspace === workspace)) {
    throw new TillsafeError('restore.unfinished', `an earlier restore of ${workspace} is not finished yet`)
  }
}

/** Where nothing was replaced, the shop goes on selling as before. */
async function startAgain(id: Id, { till }: WorkspaceSettings, desk: Desk): Promise<void> {
  const isDecided = (await desk.journal.entries()).some((entry) => entry.id === id && entry.state === 'commit')
  if (!isDecided && till?.stop !== undefined && till.start !== undefined) {
    // The restore's own failure is what the person has to hear of.
    await runTillCommand(till.start, new AbortController().signal).catch(() => undefined)
  }
}

async function requireFresh(plan: RestorePlan, source: Source, job: JobContext): Promise<void> {
  const current = await source.state(job)
  if (current !== plan.current) {
    throw new TillsafeError(
      'source.changed',
      `the database was ${plan.current} when this restore was planned, now it is ${current}`,
    )
  }
}
