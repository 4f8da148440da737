import { dirname } from 'node:path'
import { type ArchiveManifest, type ShopSettings, TillsafeError, type WorkspaceSettings } from '../model/index.ts'
import { fileContent } from '../snapshot/file-content.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { snapshotBytes } from '../snapshot/snapshot-bytes.ts'
import type { ArchiveOutline } from '../stores/archive/archive-outline.ts'
import { unpackArchive } from '../stores/archive/unpack-archive.ts'
import { type ArchiveContents, writeArchive } from '../stores/archive/write-archive.ts'
import { type Lock, sealed } from '../work/age/seal.ts'
import { MARGIN_BYTES, requireSpace } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'
import type { Desk } from './desk.ts'
import { ASIDE, makeHeading } from './make-heading.ts'
import { requireOpens } from './require-opens.ts'
import { settingsFile } from './settings-file.ts'
import { type ExportedFile, type ExportRequest, writeExport } from './write-export.ts'

export interface ExportedArchive extends ExportedFile {
  readonly manifest: ArchiveManifest
  /** How many files it holds, the manifest and its signature apart. */
  readonly entries: number
}

/** A complete archive of one workspace as it is now: one ZIP, signed, read back and opened before it has its name. */
export async function exportArchive(
  workspace: WorkspaceSettings,
  request: ExportRequest,
  desk: Desk,
  job: JobContext,
): Promise<ExportedArchive> {
  const source = await desk.shop.source(workspace)
  await using snapshot = await source.take(makeHeading(workspace, desk, ASIDE), job)
  return await write({ holds: 'workspace', parts: [{ folder: '', snapshot }] }, request, desk, job)
}

/** The whole shop in one ZIP: each workspace as it is now, and the registry that names them. */
export async function exportShop(request: ExportRequest, desk: Desk, job: JobContext): Promise<ExportedArchive> {
  await using snapshots = new AsyncDisposableStack()
  const parts: { folder: string; snapshot: Snapshot }[] = []
  for (const workspace of desk.shop.settings.workspaces) {
    const source = await desk.shop.source(workspace)
    const snapshot = await source.take(makeHeading(workspace, desk, ASIDE), job)
    parts.push({ folder: workspace.id, snapshot: snapshots.use(snapshot) })
  }
  const registry = registryOf(desk.shop.settings)
  return await write({ holds: 'shop', parts, registry }, request, desk, job)
}

async function write(
  contents: Pick<ArchiveContents, 'holds' | 'parts'> & { registry?: Uint8Array },
  request: ExportRequest,
  desk: Desk,
  job: JobContext,
): Promise<ExportedArchive> {
  const { shop } = desk
  const archive = writeArchive(
    {
      ...contents,
      shop: shop.mark,
      madeAt: desk.clock.now(),
      tillsafeVersion: desk.version,
      settings: settingsFile(shop.settings),
      scratch: shop.home.scratch,
    },
    shop.signer,
    job,
  )
  const needed = (await snapshotBytes(...contents.parts.map(({ snapshot }) => snapshot))) + MARGIN_BYTES
  await requireSpace(dirname(request.output), needed, 'the archive')
  const exported =
    request.lock === undefined
      ? await writeExport(
          request.output,
          archive.stream,
          (draft) => requireWhole(draft, archive.outline, desk, job),
          desk,
          job,
        )
      : await writeSealed(request.output, request.lock, archive, needed, desk, job)
  const { manifest, entries } = await archive.outline
  desk.audit.add({
    act: 'archive.exported',
    details: {
      file: exported.file,
      sha256: exported.sha256,
      backups: manifest.parts.map(({ label }) => label.id),
      sealed: request.lock?.kind ?? null,
    },
  })
  return { ...exported, manifest, entries }
}

/** The plain archive is looked into before it is sealed: what is sealed for others, we can't open any more. */
async function writeSealed(
  output: string,
  lock: Lock,
  archive: ReturnType<typeof writeArchive>,
  needed: number,
  desk: Desk,
  job: JobContext,
): Promise<ExportedFile> {
  await requireSpace(desk.shop.home.scratch, needed, 'the archive before it is encrypted')
  await using folder = await TemporaryFolder.make(desk.shop.home.scratch, 'archive-')
  const plain = folder.join('archive.zip')
  const nothingMore = async () => undefined
  const { bytes, sha256 } = await writeExport(plain, archive.stream, nothingMore, desk, job)
  await requireWhole(plain, archive.outline, desk, job)
  const stream = sealed(await fileContent(plain, bytes).open(), lock)
  return await writeExport(output, stream, (draft) => requireOpens(draft, lock, sha256, job), desk, job)
}

/** Opens an archive behind walls and reads every byte of it. */
async function requireWhole(
  file: string,
  expected: Promise<ArchiveOutline>,
  desk: Desk,
  job: JobContext,
): Promise<void> {
  await using folder = await TemporaryFolder.make(desk.shop.home.scratch, 'look-')
  const found = await unpackArchive({ file, into: folder.path, write: 'nothing' }, job)
  if (found.sha256 !== (await expected).sha256) {
    throw new TillsafeError(
      'destination.failed',
      'the archive was read back, and holds something else than was written',
    )
  }
}

/** `workspaces.json`: which businesses and other databases the shop has. Paths of this machine stay in the settings. */
function registryOf({ workspaces }: ShopSettings): Uint8Array {
  const registry = {
    kind: 'tillsafe.workspaces',
    version: 1,
    workspaces: workspaces.map(({ id, name, kind, source, schemaMap }) => ({
      id,
      name,
      kind,
      engine: source.engine,
      images: source.images !== undefined,
      ...(schemaMap === undefined ? {} : { schemaMap }),
    })),
  }
  return Buffer.from(`${JSON.stringify(registry, null, 2)}\n`)
}
