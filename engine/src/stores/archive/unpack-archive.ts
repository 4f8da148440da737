import { open, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ArchiveManifest, TillsafeError } from '../../model/index.ts'
import { isSealed, type Unlock } from '../../work/age/unseal.ts'
import { unsealFile } from '../../work/age/unseal-file.ts'
import { runInChild, type Walls } from '../../work/confined-process.ts'
import { freeBytes, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { UnpackTask, UnpackWish } from './unpack-task.ts'
import { wantedEntries } from './wanted-entries.ts'

/** Which archive is to be read, and what of it is to be written. All of it is read and checked in any case. */
export interface UnpackRequest {
  readonly file: string
  /** A fresh folder of ours that only this user can look into. After an error, what is in it is of no use. */
  readonly into: string
  readonly write: UnpackWish
  /** The folder of the one part that is wanted. */
  readonly part?: string | undefined
  /** Opens the file when it is sealed. */
  readonly key?: Unlock | undefined
}

/** An archive of which every byte was compared with its signed manifest. */
export interface UnpackedArchive {
  readonly manifest: ArchiveManifest
  /** Path in the archive → file in `into`. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * Reads an archive behind walls, to its last byte. Its manifest is signed by the shop that it names; whose shop that
 * is, the caller decides. Errors: `archive.damaged`, `archive.unsafe`, `file.over-limit`, `backup.label-newer`,
 * `workspace.unknown` for the part, `key.needed`, `key.wrong`, `space.short`.
 */
export async function unpackArchive(request: UnpackRequest, job: JobContext): Promise<UnpackedArchive> {
  const [file, into] = await Promise.all([realpath(request.file), realpath(request.into)])
  if (!(await isSealedFile(file))) {
    return await unpackPlain(file, { ...request, into }, job)
  }
  const plain = join(into, 'sealed.zip')
  await unseal(file, plain, request.key, job)
  const unpacked = await unpackPlain(plain, { ...request, into }, job)
  await rm(plain)
  return unpacked
}

const FIRST_BYTES = 64

async function isSealedFile(path: string): Promise<boolean> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0)
  return isSealed(buffer.subarray(0, bytesRead))
}

async function unseal(file: string, plain: string, key: Unlock | undefined, job: JobContext): Promise<void> {
  if (key === undefined) {
    throw new TillsafeError('key.needed', 'the archive is sealed')
  }
  const { size } = await stat(file)
  await requireSpace(dirname(plain), size, 'opening the sealed archive')
  await unsealFile({ file, plain, key }, job)
}

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./archive-child${import.meta.url.slice(-3)}`, import.meta.url))

async function unpackPlain(
  file: string,
  { into, write, part }: UnpackRequest,
  job: JobContext,
): Promise<UnpackedArchive> {
  const task: UnpackTask = { file, into, freeBytes: await freeBytes(into), write, part }
  const onProgress = (bytes: number, totalBytes: number) => job.report({ step: 'check', bytes, totalBytes })
  const walls = wallsFor(task, (await stat(file)).size)
  const manifest = (await runInChild(CHILD, task, { signal: job.signal, onProgress }, walls)) as ArchiveManifest
  const files = new Map<string, string>()
  for (const [index, name] of wantedEntries(manifest, task)) {
    files.set(manifest.entries[index]?.path ?? '', join(into, name))
  }
  return { manifest, files }
}

const LEAST_MS = 60_000
/** Of the ZIP, in a second of computing: what it holds may honestly be a hundred times as much. */
const BYTES_A_SECOND = 2 * 1024 * 1024
/** A small file needs no more. */
const LEAST_MEMORY_BYTES = 256 * 1024 * 1024
const MOST_MEMORY_BYTES = 768 * 1024 * 1024
/** An entry of a few bytes takes some 230 in the file, and in memory, with its names and records, four times as many. */
const MEMORY_FOR_A_BYTE = 4

function wallsFor({ file, into }: UnpackTask, bytes: number): Walls {
  return {
    read: [file],
    write: [into],
    milliseconds: LEAST_MS + (bytes / BYTES_A_SECOND) * 1000,
    memoryBytes: Math.min(MOST_MEMORY_BYTES, LEAST_MEMORY_BYTES + MEMORY_FOR_A_BYTE * bytes),
  }
}
