import { mkdir } from 'node:fs/promises'
import { type ArchiveManifest, type ArchivePart, failureOf, printable } from '../../model/index.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import { findDifferences } from '../../sources/sqlite/find-differences.ts'
import { runSqliteTask } from '../../sources/sqlite/sqlite-process.ts'
import { wallsFor } from '../../sources/sqlite/walls-for.ts'
import { databasePath } from '../../stores/archive/archive-paths.ts'
import { archiveSnapshot, unpackedDatabase } from '../../stores/archive/archive-snapshot.ts'
import { type UnpackedArchive, unpackArchive } from '../../stores/archive/unpack-archive.ts'
import type { JobContext } from '../../work/job-context.ts'
import { sha256Of } from '../../work/sha256.ts'
import type { Brought, BroughtIdentity, BroughtPart, Looking } from './brought.ts'
import type { OpenedFile } from './opened-file.ts'

/** An archive that somebody brings. Every byte of it has been compared with its signed manifest when this returns. */
export async function openBroughtArchive(opened: OpenedFile, looking: Looking, job: JobContext): Promise<Brought> {
  const { file, plain, sealed, bytes, folder } = opened
  const into = folder.join('unpacked')
  await mkdir(into, { mode: 0o700 })
  const { sha256 } = await sha256Of(await fileContent(file, bytes).open())
  const write = looking.purpose === 'restore' ? 'everything' : 'databases'
  const unpacked = await unpackArchive({ file: plain, into, write }, job)
  const { manifest } = unpacked
  const parts: BroughtPart[] = []
  for (const part of manifest.parts) {
    parts.push(await look(unpacked, part, folder.path, looking, job))
  }
  return {
    file,
    sealed,
    bytes,
    sha256,
    kind: manifest.holds === 'shop' ? 'shop' : 'archive',
    identity: identityOf(manifest, looking),
    parts,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

function identityOf({ shop }: ArchiveManifest, { publicKey }: Looking): BroughtIdentity {
  return shop.publicKey === publicKey ? { kind: 'own' } : { kind: 'foreign', shop: printable(shop.name) }
}

async function look(
  unpacked: UnpackedArchive,
  part: ArchivePart,
  folder: string,
  looking: Looking,
  job: JobContext,
): Promise<BroughtPart> {
  return {
    label: part.label,
    facts: part.label,
    images: part.label.images,
    problems: await problemsOf(unpacked, part, folder, looking, job),
    snapshot: () => archiveSnapshot(unpacked, part),
  }
}

/** The bytes are those that were signed; whether the engine still reads from them what it read then is asked as well. */
async function problemsOf(
  unpacked: UnpackedArchive,
  part: ArchivePart,
  folder: string,
  looking: Looking,
  job: JobContext,
): Promise<readonly string[]> {
  const { label } = part
  const path = databasePath(part.folder, label.workspace.id)
  try {
    const file = unpackedDatabase(unpacked, part)
    const task = { kind: 'inspect', file, of: path, keys: looking.databaseKeys } as const
    const inspected = await runSqliteTask(task, job, wallsFor(folder, label.database.bytes))
    return findDifferences(label.database, inspected)
  } catch (error) {
    if (job.signal.aborted) {
      throw error
    }
    return [failureOf(error).message]
  }
}
