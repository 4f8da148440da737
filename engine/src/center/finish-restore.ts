import { type CommittedRestore, TillsafeError } from '../model/index.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Desk } from './desk.ts'

/**
 * Carries a committed restore to its end, from wherever it stands. When a till is open or has sold since, nothing is
 * replaced and the restore is given up: a sale is worth more than a restore.
 */
export async function finishRestore(
  entry: CommittedRestore,
  desk: Desk,
  job: JobContext,
  act: 'restore.done' | 'restore.finished-after-interruption',
): Promise<void> {
  const source = await desk.shop.source(desk.shop.workspace(entry.workspace))
  try {
    await source.swap(entry.staged, entry.expected, job)
  } catch (error) {
    if (error instanceof TillsafeError && (error.code === 'source.open' || error.code === 'source.changed')) {
      await desk.journal.write({ ...withoutStage(entry), state: 'prepare' })
      await source.forget(entry.id)
    }
    throw error
  }
  desk.state.connection.transaction(() => record(entry, desk, act))()
  await desk.journal.write({ ...entry, state: 'done' })
}

function record(
  entry: CommittedRestore,
  desk: Desk,
  act: 'restore.done' | 'restore.finished-after-interruption',
): void {
  if (desk.state.findRestore(entry.workspace, entry.id) !== undefined) {
    return // an earlier run has
  }
  const rewound = desk.witness.rewound(entry.workspace, entry.chainHeads)
  desk.state.addRestore({
    id: entry.id,
    workspace: entry.workspace,
    at: desk.clock.now(),
    backup: entry.backup,
    safetyBackup: entry.safetyBackup,
    reason: entry.reason,
  })
  desk.witness.record({ event: 'restored', workspace: entry.workspace, backup: entry.backup, heads: entry.chainHeads })
  desk.audit.add({
    act,
    details: {
      restore: entry.id,
      backup: entry.backup,
      workspace: entry.workspace,
      reason: entry.reason,
      safetyBackup: entry.safetyBackup ?? null,
      rewound,
    },
  })
}

function withoutStage({
  kind,
  id,
  workspace,
  backup,
  reason,
}: CommittedRestore): Omit<CommittedRestore, 'state' | 'staged' | 'expected' | 'safetyBackup' | 'chainHeads'> {
  return { kind, id, workspace, backup, reason }
}
