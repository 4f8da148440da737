import { lstat, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomId, TillsafeError } from '../model/index.ts'
import { readFileRange } from '../snapshot/file-content.ts'
import type { Lock } from '../work/age/seal.ts'
import { cancellable } from '../work/cancel.ts'
import { hasErrorCode, realDisk } from '../work/disk.ts'
import { nameDraft, replaceFile, writeNewFile } from '../work/durable-files.ts'
import type { JobContext } from '../work/job-context.ts'
import { hashing, sha256Of } from '../work/sha256.ts'
import type { Desk } from './desk.ts'
import type { Home } from './home.ts'

/** Where an export goes, and who can open it: everybody, or whoever has a key. */
export interface ExportRequest {
  readonly output: string
  readonly lock?: Lock | undefined
}

/** A file that was written for a person. */
export interface ExportedFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

const DRAFT = /^\.tillsafe-[0-9a-f]{32}\.draft$/

/**
 * Writes a file where a person wants it: as a draft beside it, synced, read back, looked into by `check`, and only then
 * named. Nothing is ever replaced (`restore.target-exists`). Where the draft lies is noted in the home folder before, so
 * that the next start removes what a cut has left.
 */
export async function writeExport(
  file: string,
  stream: AsyncIterable<Uint8Array>,
  check: (draft: string) => Promise<void>,
  desk: Desk,
  job: JobContext,
): Promise<ExportedFile> {
  await requireFree(file)
  const id = randomId(desk.shop.random)
  const draft = join(dirname(file), `.tillsafe-${id}.draft`)
  const note = join(desk.shop.home.drafts, `${id}.json`)
  await mkdir(desk.shop.home.drafts, { recursive: true, mode: 0o700 })
  await replaceFile(realDisk, note, `${JSON.stringify({ draft })}\n`)
  try {
    const written = hashing(cancellable(stream, job.signal))
    const bytes = await writeNewFile(realDisk, draft, written.stream)
    const sha256 = written.sha256()
    await requireSame(draft, { bytes, sha256 }, job)
    await check(draft)
    await named(draft, file)
    return { file, bytes, sha256 }
  } catch (error) {
    await realDisk.unlink(draft).catch(() => undefined)
    throw error
  } finally {
    await realDisk.unlink(note).catch(() => undefined)
  }
}

/** Removes the drafts of exports that were cut. Called when no other process of this shop runs. */
export async function sweepDrafts(home: Home): Promise<void> {
  for (const name of await readdir(home.drafts).catch(() => [])) {
    const note = join(home.drafts, name)
    const draft = draftOf(await readFile(note, 'utf8').catch(() => ''))
    if (draft === undefined || (await removed(draft))) {
      await realDisk.unlink(note)
    }
  }
}

/** A note that a cut has left half written names no draft, since none was begun. */
function draftOf(note: string): string | undefined {
  try {
    const { draft } = JSON.parse(note)
    return typeof draft === 'string' && DRAFT.test(basename(draft)) ? draft : undefined
  } catch {
    return undefined
  }
}

/** False while the disk of the draft is away: it is asked for again at the next start. */
async function removed(draft: string): Promise<boolean> {
  if ((await stat(dirname(draft)).catch(() => undefined)) === undefined) {
    return false
  }
  return realDisk.unlink(draft).then(
    () => true,
    (error: unknown) => hasErrorCode(error, 'ENOENT'),
  )
}

/** Throws `restore.target-exists` where something is already. */
export async function requireFree(file: string): Promise<void> {
  if ((await lstat(file).catch(() => undefined)) !== undefined) {
    throw isTaken(file)
  }
}

async function requireSame(draft: string, expected: { bytes: number; sha256: string }, job: JobContext): Promise<void> {
  const found = await sha256Of(cancellable(readFileRange(draft, { start: 0, end: expected.bytes + 1 }), job.signal))
  if (found.sha256 !== expected.sha256) {
    throw new TillsafeError('destination.failed', `what was written to ${dirname(draft)} was read back, and differs`)
  }
}

async function named(draft: string, file: string): Promise<void> {
  try {
    await nameDraft(realDisk, draft, file)
  } catch (error) {
    throw hasErrorCode(error, 'EEXIST') ? isTaken(file, error) : error
  }
}

function isTaken(file: string, cause?: unknown): TillsafeError {
  return new TillsafeError('restore.target-exists', `${file} exists already, and is not replaced`, { cause })
}
