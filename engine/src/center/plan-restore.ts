import {
  RESTORE_WORDS,
  type RestorePlan,
  type RestoreStep,
  randomId,
  TillsafeError,
  type Warning,
  type WorkspaceSettings,
} from '../model/index.ts'
import type { SourceState } from '../sources/source.ts'
import type { JobContext } from '../work/job-context.ts'
import { needsEarlierKey } from './database-keys.ts'
import type { Desk } from './desk.ts'
import type { OriginFacts } from './restore-origin.ts'

/** Writes down what a restore in full would do, without doing any of it. */
export async function planRestore(
  origin: OriginFacts,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<RestorePlan> {
  requireEncryptionFits(origin, workspace)
  const current = await (await desk.shop.source(workspace)).state(job)
  return {
    id: randomId(desk.shop.random),
    madeAt: desk.clock.now(),
    from: origin.from,
    workspace: workspace.id,
    current,
    steps: stepsOf(origin, workspace, current),
    warnings: warningsOf(origin, workspace, current, desk),
    confirmation: confirmationOf(origin, current),
  }
}

/** The till opens its database with a key: a plain one in its place would be no database to it, and readable by others. */
function requireEncryptionFits({ encryption }: OriginFacts, { id, source }: WorkspaceSettings): void {
  if (source.encryption !== undefined && encryption === 'none') {
    throw new TillsafeError(
      'source.not-encrypted',
      `the database of ${id} is encrypted, and what would replace it is not`,
      {
        hint: 'Use --into to restore into another folder. If the till is to go on without encryption, take it out of the settings.',
      },
    )
  }
}

function stepsOf({ bytes, images }: OriginFacts, workspace: WorkspaceSettings, current: SourceState): RestoreStep[] {
  const { database, images: folder } = workspace.source
  return [
    ...(workspace.till?.stop ? [{ kind: 'stop-till', command: workspace.till.stop } as const] : []),
    ...(current === 'sound' ? [{ kind: 'take-safety-backup', database } as const] : []),
    { kind: 'stage', beside: database, bytes: bytes + (images?.bytes ?? 0) },
    { kind: 'replace-database', database, keeps: current === 'missing' ? 'nothing' : 'previous' },
    ...(folder !== undefined && images !== undefined
      ? [{ kind: 'replace-images', folder, count: images.count } as const]
      : []),
    ...(workspace.till?.start ? [{ kind: 'start-till', command: workspace.till.start } as const] : []),
  ]
}

function warningsOf(origin: OriginFacts, workspace: WorkspaceSettings, current: SourceState, desk: Desk): Warning[] {
  const rewound = desk.witness.rewound(workspace.id, origin.chainHeads).map((chain) => ({
    code: 'rewound',
    message: `${chain.chain} of register ${chain.register} goes back from number ${chain.from} to ${chain.to}: what lies between is lost`,
  }))
  return [
    ...rewound,
    ...(origin.condition === 'damaged' ? [DAMAGED_SOURCE] : []),
    ...encryptionWarnings(origin, workspace, desk),
    ...(current === 'sound' ? [] : [{ code: 'no-safety-backup', message: withoutSafety[current] }]),
    ...(origin.from.kind === 'file' && !origin.from.labelled ? [STRANGER] : []),
    ...(origin.images === undefined && workspace.source.images !== undefined ? [IMAGES_STAY] : []),
  ]
}

function encryptionWarnings({ encryption, takenAt }: OriginFacts, workspace: WorkspaceSettings, desk: Desk): Warning[] {
  if (encryption === 'none') {
    return []
  }
  if (workspace.source.encryption === undefined) {
    return [
      {
        code: 'encrypted',
        message: 'the database that comes back is encrypted, and the till opens it without a key now',
      },
    ]
  }
  const isEarlier = takenAt !== undefined && needsEarlierKey(desk.shop.secrets, workspace, takenAt)
  return isEarlier
    ? [
        {
          code: 'earlier-key',
          message: 'the key of the database was changed since: the till will need the one of that time',
        },
      ]
    : []
}

const DAMAGED_SOURCE: Warning = {
  code: 'damaged-source',
  message: 'this is a copy of a database that was already damaged',
}
const STRANGER: Warning = {
  code: 'unknown-identity',
  message: 'nothing shows that this file comes from this shop, or that it was not altered',
}
const IMAGES_STAY: Warning = { code: 'images-stay', message: 'the images folder stays as it is' }

const withoutSafety: Record<Exclude<SourceState, 'sound'>, string> = {
  missing: 'no database is there now, so there is nothing to save first',
  damaged:
    'what is there now is no readable database (or no known key opens it): its files are set aside, a safety backup is not possible',
}

/** More words when less can be taken back. A missing database has nothing to lose, yet no restore is without a word. */
function confirmationOf({ from }: OriginFacts, current: SourceState): string {
  const isForeign = from.kind === 'file' && !from.labelled
  const words = [isForeign && RESTORE_WORDS.foreign, current === 'damaged' && RESTORE_WORDS.withoutSafety]
  return words.filter((word) => word !== false).join(' ') || RESTORE_WORDS.withSafety
}
