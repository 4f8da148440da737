import {
  type Backup,
  type Id,
  RESTORE_WORDS,
  type RestorePlan,
  type RestoreStep,
  randomId,
  type Warning,
  type WorkspaceSettings,
} from '../model/index.ts'
import type { SourceState } from '../sources/source.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Desk } from './desk.ts'

/** What to restore, and where. */
export interface RestoreRequest {
  readonly workspace: WorkspaceSettings
  readonly backup: Backup
}

/** Writes down what a restore in full would do, without doing any of it. */
export async function planRestore(request: RestoreRequest, desk: Desk, job: JobContext): Promise<RestorePlan> {
  const { workspace, backup } = request
  const current = await (await desk.shop.source(workspace)).state(job)
  return {
    id: randomId(desk.shop.random),
    madeAt: desk.clock.now(),
    backup: backup.label.id,
    workspace: workspace.id,
    current,
    steps: stepsOf(workspace, backup, current),
    warnings: warningsOf(request, current, desk),
    confirmation: confirmationOf(current),
  }
}

function stepsOf(workspace: WorkspaceSettings, { label }: Backup, current: SourceState): RestoreStep[] {
  const { database, images } = workspace.source
  return [
    ...(workspace.till?.stop ? [{ kind: 'stop-till', command: workspace.till.stop } as const] : []),
    ...(current === 'sound' ? [{ kind: 'take-safety-backup', database } as const] : []),
    { kind: 'stage', folder: database, bytes: label.database.bytes + (label.images?.bytes ?? 0) },
    { kind: 'replace-database', database, keeps: current === 'missing' ? 'nothing' : 'previous' },
    ...(images !== undefined && label.images !== undefined
      ? [{ kind: 'replace-images', folder: images, count: label.images.count } as const]
      : []),
    ...(workspace.till?.start ? [{ kind: 'start-till', command: workspace.till.start } as const] : []),
  ]
}

function warningsOf({ workspace, backup }: RestoreRequest, current: SourceState, desk: Desk): Warning[] {
  const { label } = backup
  const warnings: Warning[] = desk.witness.rewound(workspace.id, label.chainHeads).map((chain) => ({
    code: 'rewound',
    message: `${chain.chain} of register ${chain.register} goes back from number ${chain.from} to ${chain.to}: what lies between is lost`,
  }))
  if (label.database.condition === 'damaged') {
    warnings.push({ code: 'damaged-source', message: 'this backup was taken of a database that was already damaged' })
  }
  if (current !== 'sound') {
    warnings.push({ code: 'no-safety-backup', message: sentenceFor[current] })
  }
  return warnings
}

const sentenceFor: Record<Exclude<SourceState, 'sound'>, string> = {
  missing: 'no database is there now, so there is nothing to save first',
  damaged: 'what is there now is no readable database: its files are set aside, a safety backup is not possible',
}

/** A missing database has nothing that could be lost, yet a restore is never done without a word. */
function confirmationOf(current: SourceState): string {
  return current === 'damaged' ? RESTORE_WORDS.withoutSafety : RESTORE_WORDS.withSafety
}

/** The id of a plan becomes the id of the restore. */
export type RestoreId = Id
