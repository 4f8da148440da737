import { type Heading, type Label, type RestoreOrigin, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Unlock } from '../work/age/unseal.ts'
import type { JobContext } from '../work/job-context.ts'
import type { Brought, BroughtPart, Looking } from './brought/brought.ts'
import { openBrought } from './brought/open-brought.ts'
import type { Desk } from './desk.ts'
import { findBackups, pickBackup, shelvesOf } from './find-backups.ts'
import { lookingFor } from './looking-for.ts'

/** What a restore needs to know of its origin before it begins. */
export interface OriginFacts {
  readonly from: RestoreOrigin
  readonly bytes: number
  readonly images: Label['images']
  readonly chainHeads: Label['chainHeads']
  readonly condition: Label['database']['condition']
  readonly encryption: Label['database']['encryption']
  /** Not known of a file without a label. */
  readonly takenAt: string | undefined
}

/** What is wanted of a file: one workspace of it, and the key that opens it when it is sealed. */
export interface FileRequest {
  readonly workspace?: string | undefined
  readonly key?: Unlock | undefined
}

/** An origin in a file, and the workspace that it goes into. */
export interface FileOrigin {
  readonly origin: OriginFacts
  readonly workspace: WorkspaceSettings
}

export async function originOfBackup(id: string, workspace: WorkspaceSettings, desk: Desk): Promise<OriginFacts> {
  const { label } = pickBackup((await findBackups(desk.shop, workspace)).backups, id)
  return { from: { kind: 'backup', id: label.id }, ...factsOf(label, label.images, label.takenAt) }
}

/**
 * What a file would bring into each workspace: one for a database or an archive of one workspace, several for a whole
 * shop. `workspace` names the only one that is wanted. Errors: `identity.foreign`, `workspace.other`, `workspace.unknown`,
 * and those of `openBrought`.
 */
export async function originsOfFile(
  file: string,
  { workspace, key }: FileRequest,
  desk: Desk,
  job: JobContext,
): Promise<FileOrigin[]> {
  const wanted = workspace === undefined ? undefined : desk.shop.workspace(workspace)
  await using brought = await openOwn(file, { key, purpose: 'look', workspace: wanted }, desk, job)
  const found = brought.parts.flatMap((part) => {
    const into = workspaceOf(part, wanted, desk)
    return into === undefined ? [] : [{ workspace: into, origin: originOf(brought, part) }]
  })
  if (found.length === 0) {
    const held = brought.parts.map(({ label }) => label?.workspace.id).join(', ')
    throw new TillsafeError('workspace.other', `${file} belongs to the workspace ${held}, not to ${wanted?.id}`)
  }
  return found
}

/** As `originsOfFile`, for a file that brings one thing only. Error: `workspace.other` when it brings more. */
export async function originOfFile(
  file: string,
  request: FileRequest,
  desk: Desk,
  job: JobContext,
): Promise<FileOrigin> {
  const [only, ...others] = await originsOfFile(file, request, desk, job)
  if (only === undefined || others.length > 0) {
    throw new TillsafeError('workspace.other', `${file} holds ${others.length + 1} workspaces`)
  }
  return only
}

/** The ways to open an origin, the nearest first: one damaged copy is no reason to fail while another is whole. */
export async function openings(
  from: RestoreOrigin,
  key: Unlock | undefined,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<(() => Promise<Snapshot>)[]> {
  switch (from.kind) {
    case 'backup': {
      const backup = pickBackup((await findBackups(desk.shop, workspace)).backups, from.id)
      return shelvesOf(desk.shop, workspace, backup).map((shelf) => () => shelf.store.open(from.id, job))
    }
    case 'file':
      return [() => openUnchanged(from, key, workspace, desk, job)]
    default:
      return from satisfies never
  }
}

async function openUnchanged(
  from: Extract<RestoreOrigin, { kind: 'file' }>,
  key: Unlock | undefined,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<Snapshot> {
  const brought = await openOwn(from.file, { key, purpose: 'restore', workspace }, desk, job)
  const part = brought.parts.find((candidate) => idOf(brought, candidate) === from.id)
  if (brought.sha256 !== from.sha256 || part === undefined) {
    await brought[Symbol.asyncDispose]()
    throw new TillsafeError('backup.damaged', `${from.file} has changed since it was looked at`)
  }
  return {
    ...part.snapshot(strangerHeading(from.id, workspace, desk)),
    [Symbol.asyncDispose]: () => brought[Symbol.asyncDispose](),
  }
}

/** A file of this shop, or one of nobody: those of another shop stay outside. */
async function openOwn(
  file: string,
  how: Pick<Looking, 'key' | 'purpose'> & { workspace: WorkspaceSettings | undefined },
  desk: Desk,
  job: JobContext,
): Promise<Brought> {
  const looking = await lookingFor(desk.shop, { scratch: desk.shop.home.scratch, ...how })
  const brought = await openBrought(file, looking, job)
  if (brought.identity.kind === 'foreign') {
    await brought[Symbol.asyncDispose]()
    throw new TillsafeError('identity.foreign', `${file} belongs to another shop: ${brought.identity.shop}`)
  }
  return brought
}

function originOf(brought: Brought, part: BroughtPart): OriginFacts {
  const { file, sha256 } = brought
  const labelled = part.label !== undefined
  return {
    from: { kind: 'file', id: idOf(brought, part), file, sha256, labelled },
    ...factsOf(part.facts, part.images, part.label?.takenAt),
  }
}

function factsOf(
  { database, chainHeads }: Pick<Label, 'database' | 'chainHeads'>,
  images: Label['images'],
  takenAt: string | undefined,
): Omit<OriginFacts, 'from'> {
  const { bytes, condition, encryption } = database
  return { bytes, images, chainHeads, condition, encryption, takenAt }
}

/** Where a part goes: what its label says, and only there; a file without a label goes where a person says. */
function workspaceOf(
  { label }: BroughtPart,
  wanted: WorkspaceSettings | undefined,
  desk: Desk,
): WorkspaceSettings | undefined {
  if (label === undefined) {
    return wanted ?? desk.shop.workspace()
  }
  const candidates = wanted === undefined ? desk.shop.settings.workspaces : [wanted]
  return candidates.find((candidate) => candidate.id === label.workspace.id)
}

/** A file without a label is known by its bytes. */
function idOf(brought: Brought, { label }: BroughtPart): string {
  return label?.id ?? brought.sha256.slice(0, 32)
}

function strangerHeading(id: string, workspace: WorkspaceSettings, desk: Desk): Heading {
  return {
    id,
    sequence: 1,
    shop: desk.shop.mark,
    workspace: { id: workspace.id, name: workspace.name, kind: workspace.kind },
    takenAt: desk.clock.now(),
    trigger: 'manual',
    origin: 'manual',
    tiers: ['manual'],
    tillsafeVersion: desk.version,
  }
}
