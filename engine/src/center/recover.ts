import { rm } from 'node:fs/promises'
import { failureOf, TillsafeError } from '../model/index.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Desk } from './desk.ts'
import { finishRestore } from './finish-restore.ts'
import type { Home } from './home.ts'
import { sweepDrafts } from './write-export.ts'

/** What recovery did at a start, as sentences for the log and the screen. */
export type Recovered = readonly string[]

/**
 * Run at each start, before anything else: restores that were cut are finished or taken back, and what interrupted
 * work has left is removed. Nothing to do is the usual case and costs next to nothing.
 */
export async function recover(desk: Desk, job: JobContext): Promise<Recovered> {
  const said: string[] = []
  for (const entry of await desk.journal.entries()) {
    switch (entry.state) {
      case 'commit':
        said.push(
          await recoverOne(
            () => finishRestore(entry, desk, job, 'restore.finished-after-interruption'),
            entry.id,
            desk,
          ),
        )
        break
      case 'prepare':
        said.push(await takeBackOne(entry.id, entry.workspace, desk))
        break
      case 'done':
        break
      default:
        entry satisfies never
    }
  }
  await desk.journal.sweep()
  await sweepHome(desk.shop.home)
  await sweepDrafts(desk.shop.home)
  await sweepDestinations(desk)
  return said
}

async function recoverOne(finish: () => Promise<void>, id: string, desk: Desk): Promise<string> {
  try {
    await finish()
    return `the restore ${id} was interrupted; it is finished now`
  } catch (error) {
    const { code, message } = failureOf(error)
    const entry = (await desk.journal.entries()).find((candidate) => candidate.id === id)
    if (entry?.state !== 'prepare') {
      // Backups must go on all the same; only another restore of this workspace has to wait.
      return `the restore ${id} was interrupted and can't be finished yet: ${message}`
    }
    desk.audit.add({ act: 'restore.abandoned', details: { restore: id, code, message } })
    await desk.journal.remove(id)
    return `the restore ${id} was interrupted; it is given up, because ${message}`
  }
}

async function takeBackOne(id: string, workspace: string, desk: Desk): Promise<string> {
  try {
    await takeBack(id, workspace, desk)
    return `the restore ${id} was interrupted before anything was replaced; it is taken back`
  } catch (error) {
    // Nothing live was touched, and backups must go on; the next start tries again.
    return `the restore ${id} was interrupted before anything was replaced, and can't be taken back yet: ${failureOf(error).message}`
  }
}

async function takeBack(id: string, workspace: string, desk: Desk): Promise<void> {
  await (await desk.shop.source(desk.shop.workspace(workspace))).forget(id)
  await desk.journal.remove(id)
  desk.audit.add({
    act: 'restore.abandoned',
    details: { restore: id, code: 'job.cancelled', message: 'interrupted before the commit' },
  })
}

/** What a cut has left of a file that was being replaced: nobody else writes them while we have the lock. */
async function sweepHome({ settings, identity, secrets, creating }: Home): Promise<void> {
  await rm(creating, { force: true })
  for (const file of [settings, identity, secrets]) {
    await rm(`${file}.draft`, { force: true })
  }
}

/** A destination that is not there now is swept at another start. */
async function sweepDestinations(desk: Desk): Promise<void> {
  for (const destination of desk.shop.settings.destinations) {
    await desk.shop.destination(destination).sweep().catch(ignoreKnown)
  }
  for (const workspace of desk.shop.settings.workspaces) {
    for (const shelf of desk.shop.shelves(workspace)) {
      await shelf.store.sweep().catch(ignoreKnown)
    }
  }
}

function ignoreKnown(error: unknown): void {
  if (!(error instanceof TillsafeError)) {
    throw error
  }
}
