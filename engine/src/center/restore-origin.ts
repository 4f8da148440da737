import { type Heading, type Label, type RestoreOrigin, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { JobContext } from '../work/job-context.ts'
import { DatabaseFile } from './database-file.ts'
import type { Desk } from './desk.ts'
import { findBackups, pickBackup, shelvesOf } from './find-backups.ts'

/** What a restore needs to know of its origin before it begins. */
export interface OriginFacts {
  readonly from: RestoreOrigin
  readonly bytes: number
  readonly images: Label['images']
  readonly chainHeads: Label['chainHeads']
  readonly condition: Label['database']['condition']
}

export async function originOfBackup(id: string, workspace: WorkspaceSettings, desk: Desk): Promise<OriginFacts> {
  const { label } = pickBackup((await findBackups(desk.shop, workspace)).backups, id)
  const { images, chainHeads, database } = label
  return {
    from: { kind: 'backup', id: label.id },
    bytes: database.bytes,
    images,
    chainHeads,
    condition: database.condition,
  }
}

/** Errors: `identity.foreign`, and those of looking into the file. */
export async function originOfFile(
  file: string,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<OriginFacts> {
  await using opened = await openFile(file, workspace, desk, job)
  const facts = opened.facts()
  const labelled = opened.identity.kind === 'own'
  return {
    from: { kind: 'file', id: idOf(opened), file, sha256: opened.sha256, labelled },
    bytes: opened.bytes,
    images: undefined,
    chainHeads: facts.chainHeads,
    condition: facts.database.condition,
  }
}

/** The ways to open an origin, the nearest first: one damaged copy is no reason to fail while another is whole. */
export async function openings(
  from: RestoreOrigin,
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
      return [() => openUnchanged(from, workspace, desk, job)]
    default:
      return from satisfies never
  }
}

async function openUnchanged(
  from: Extract<RestoreOrigin, { kind: 'file' }>,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<Snapshot> {
  const opened = await openFile(from.file, workspace, desk, job)
  if (opened.sha256 !== from.sha256) {
    await opened[Symbol.asyncDispose]()
    throw new TillsafeError('backup.damaged', `${from.file} has changed since it was looked at`)
  }
  return opened.snapshot(strangerHeading(opened, workspace, desk))
}

async function openFile(
  file: string,
  workspace: WorkspaceSettings,
  desk: Desk,
  job: JobContext,
): Promise<DatabaseFile> {
  const schemaMap = workspace.schemaMap === undefined ? undefined : await readSchemaMap(workspace.schemaMap)
  const opened = await DatabaseFile.open(file, desk.shop.signer.publicKey, schemaMap, job)
  if (opened.identity.kind === 'foreign') {
    await opened[Symbol.asyncDispose]()
    throw new TillsafeError('identity.foreign', `${file} belongs to another shop: ${opened.identity.shop}`)
  }
  return opened
}

/** A file without a label is known by its bytes. */
function idOf(opened: DatabaseFile): string {
  return opened.identity.kind === 'own' ? opened.identity.label.id : opened.sha256.slice(0, 32)
}

function strangerHeading(opened: DatabaseFile, workspace: WorkspaceSettings, desk: Desk): Heading {
  return {
    id: idOf(opened),
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
