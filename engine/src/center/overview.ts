import type { Backup, DestinationSettings, Failure, WorkspaceSettings } from '../model/index.ts'
import { failureOf, TillsafeError } from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { SourceState } from '../sources/source.ts'
import type { Meaning } from '../sources/sqlite/ask-schema-map.ts'
import type { CipherKey } from '../sources/sqlite/cipher-key.ts'
import type { LookResult } from '../sources/sqlite/look.ts'
import { lookAt } from '../sources/sqlite/look-at.ts'
import { runSqliteTask } from '../sources/sqlite/sqlite-process.ts'
import { freeBytes } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { databaseKeysOf } from './database-keys.ts'
import { findBackups } from './find-backups.ts'
import { recoveryNames } from './find-recoveries.ts'
import { keepsSealed, kitNeeds } from './kit-needs.ts'
import { RestoreJournal } from './restore-journal.ts'
import type { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'

/** How one destination is, seen from here. */
export interface DestinationState {
  readonly name: string
  readonly path: string
  readonly reachable: boolean
  readonly freeBytes?: number
  /** Whether a recovery file lies there; whether it opens is known when it is written. */
  readonly hasRecovery?: boolean
  readonly problem?: string
}

/** The state of a workspace at a glance. */
export interface Overview {
  readonly workspace: string
  readonly state: SourceState
  readonly database?: { readonly file: string } & LookResult
  /** Why the database can't be looked at. */
  readonly failure?: Failure
  /** Tickets, closures, audit entries …, from the live database, else from the last good backup. */
  readonly counters: Readonly<Record<string, number>>
  readonly countersFrom: 'database' | 'last-backup' | 'nowhere'
  readonly fiscalPeriod?: { readonly from: string; readonly to: string }
  readonly lastGood?: Backup
  readonly backups: number
  readonly destinations: readonly DestinationState[]
  /** Restores that were cut and wait for the next start of the center. */
  readonly unfinishedRestores: number
  readonly problems: readonly string[]
}

/** Looks at everything and changes nothing; needs no lock. */
export async function overview(shop: Shop, workspaceName: string | undefined, job: JobContext): Promise<Overview> {
  const workspace = shop.workspace(workspaceName)
  const problems: string[] = []
  let failure: Failure | undefined
  const keys = workspace.source.encryption && databaseKeysOf(shop.secrets, workspace)
  const database = await lookAt(workspace.source.database, job, keys).catch((error: unknown) => {
    failure = failureOf(error)
    problems.push(failure.message)
    return undefined
  })
  const found = await findBackups(shop, workspace)
  const lastGood = found.backups.find((backup) => backup.label.database.condition === 'sound')
  const live = await askLiveDatabase(workspace, database, keys, job)
  const { counters, fiscalPeriod } = live ?? lastGood?.label ?? { counters: {} }
  const journal = await new RestoreJournal(shop.home).entries()
  return {
    workspace: workspace.id,
    state: await (await shop.source(workspace)).state(job),
    ...(failure && { failure }),
    ...(database && { database: { file: workspace.source.database, ...database } }),
    counters,
    countersFrom: live ? 'database' : lastGood ? 'last-backup' : 'nowhere',
    ...(fiscalPeriod && { fiscalPeriod }),
    ...(lastGood && { lastGood }),
    backups: found.backups.length,
    destinations: await Promise.all(shop.settings.destinations.map((one) => stateOf(one, shop))),
    unfinishedRestores: journal.filter((entry) => entry.state !== 'done').length,
    problems: [...problems, ...found.problems, ...askKit(workspace, shop)],
  }
}

/** The history is opened only when it is asked. */
function askKit(workspace: WorkspaceSettings, shop: Shop): readonly string[] {
  if (!keepsSealed(workspace)) {
    return []
  }
  using state = new StateDatabase(shop.home.state)
  return kitNeeds(workspace, shop, state)
}

async function askLiveDatabase(
  workspace: WorkspaceSettings,
  database: LookResult | undefined,
  keys: readonly CipherKey[] | undefined,
  job: JobContext,
): Promise<Meaning | undefined> {
  if (database?.journalMode !== 'wal' || workspace.schemaMap === undefined) {
    return undefined
  }
  const schemaMap = await readSchemaMap(workspace.schemaMap)
  return runSqliteTask({ kind: 'ask-live', database: workspace.source.database, schemaMap, ...(keys && { keys }) }, job)
}

async function stateOf(settings: DestinationSettings, shop: Shop): Promise<DestinationState> {
  const { name, path } = settings
  try {
    const free = await freeBytes(path)
    const hasRecovery = (await recoveryNames(shop.destination(settings))).length > 0
    return { name, path, reachable: true, freeBytes: free, hasRecovery }
  } catch (cause) {
    const { message } = new TillsafeError('destination.missing', `the folder ${path} is not there`, { cause })
    return { name, path, reachable: false, problem: message }
  }
}
