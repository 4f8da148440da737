import { realpath, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runInChild, type Walls } from '../../work/confined-process.ts'
import { freeBytes } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import type { ArchiveOutline } from './archive-outline.ts'
import type { UnpackTask, UnpackWish } from './unpack-task.ts'

/** Which archive is to be read, and what of it is to be written. All of it is read and checked in any case. */
export interface UnpackRequest {
  readonly file: string
  /** A fresh folder of ours that only this user can look into. After an error, what is in it is of no use. */
  readonly into: string
  readonly write: UnpackWish
  /** The folder of the one part that is wanted. */
  readonly part?: string | undefined
}

/** An archive of which every byte was compared with its signed manifest. */
export interface UnpackedArchive extends ArchiveOutline {
  /** Where what was wanted of it lies now, under names of ours: see `unpackedName`. */
  readonly folder: string
  readonly wrote: UnpackWish
}

/**
 * Reads an archive behind walls, to its last byte. Its manifest is signed by the shop that it names; whose shop that
 * is, the caller decides. Errors: `archive.damaged`, `archive.unsafe`, `file.over-limit`, `backup.label-newer`,
 * `workspace.unknown` for the part, `space.short`.
 */
export async function unpackArchive(request: UnpackRequest, job: JobContext): Promise<UnpackedArchive> {
  const [file, into] = await Promise.all([realpath(request.file), realpath(request.into)])
  const task: UnpackTask = { file, into, freeBytes: await freeBytes(into), write: request.write, part: request.part }
  const onProgress = (bytes: number, totalBytes: number) => job.report({ step: 'check', bytes, totalBytes })
  const walls = wallsFor(task, (await stat(file)).size)
  const outline = (await runInChild(CHILD, task, { signal: job.signal, onProgress }, walls)) as ArchiveOutline
  return { ...outline, folder: into, wrote: request.write }
}

// Beside this file, as source or as what was built from it.
const CHILD = fileURLToPath(new URL(`./archive-child${import.meta.url.slice(-3)}`, import.meta.url))

const LEAST_MS = 60_000
/** Of the ZIP, in a second of computing: what it holds may honestly be a hundred times as much. */
const BYTES_A_SECOND = 2 * 1024 * 1024
/** A small file needs no more. */
const LEAST_MEMORY_BYTES = 256 * 1024 * 1024
const MOST_MEMORY_BYTES = 768 * 1024 * 1024
/** An entry of a few bytes takes some 230 in the file, and 170 of them are held for a moment, when the signature is checked. */
const MEMORY_FOR_A_BYTE = 2

function wallsFor({ file, into }: UnpackTask, bytes: number): Walls {
  return {
    read: [file],
    write: [into],
    milliseconds: LEAST_MS + (bytes / BYTES_A_SECOND) * 1000,
    memoryBytes: Math.min(MOST_MEMORY_BYTES, LEAST_MEMORY_BYTES + MEMORY_FOR_A_BYTE * bytes),
  }
}
