import { chmod, chown, lstat, readdir, realpath, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Facts, type Id, type SourceSettings, TillsafeError } from '../../model/index.ts'
import type { Entry } from '../../snapshot/entry.ts'
import { isEntryPath } from '../../snapshot/entry.ts'
import { readFileRange } from '../../snapshot/file-content.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { cancellable } from '../../work/cancel.ts'
import type { Disk } from '../../work/disk.ts'
import { diskFailure } from '../../work/disk-failure.ts'
import { makeFolder, writeNewFile } from '../../work/durable-files.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { sha256Of } from '../../work/sha256.ts'
import { IMAGES_PREFIX, requireRenamable } from '../images-folder.ts'
import type { Expected, Staged } from '../source.ts'
import { walkFolder } from '../walk-folder.ts'
import type { CipherKey } from './cipher-key.ts'
import { findDifferences } from './find-differences.ts'
import { runSqliteTask } from './sqlite-process.ts'
import { wallsFor } from './walls-for.ts'

/**
 * Where a restore waits beside the live data, on the same disk, so that renaming puts it in place: a folder beside
 * the database and one beside the images, both named after the restore. They also keep what stood there before.
 */
export class RestoreStage {
  readonly #settings: SourceSettings
  readonly #keys: readonly CipherKey[]
  readonly #restore: Id
  readonly #disk: Disk

  constructor(settings: SourceSettings, keys: readonly CipherKey[], restore: Id, disk: Disk) {
    this.#settings = settings
    this.#keys = keys
    this.#restore = restore
    this.#disk = disk
  }

  /** Writes a snapshot here, reads it back, checks it. Leaves nothing behind when that fails. */
  async fill(snapshot: Snapshot, job: JobContext): Promise<Staged> {
    await this.remove()
    try {
      return await this.#fill(snapshot, job)
    } catch (error) {
      const failure = await diskFailure(error, dirname(this.#settings.database))
      await this.remove()
      throw failure
    }
  }

  async swap(staged: Staged, expected: Expected, job: JobContext): Promise<void> {
    job.report({ step: 'swap', bytes: 0, totalBytes: staged.bytes })
    const { database } = this.#settings
    await runSqliteTask(
      { kind: 'swap', database, keys: this.#keys, staged: this.#staged, kept: this.#kept, expected },
      // Once begun it is short, and it is finished rather than left half done.
      { signal: new AbortController().signal },
    )
    if (staged.withImages && this.#settings.images !== undefined) {
      await this.#swapImages(this.#settings.images)
    }
    await this.#removeEmpty()
    job.report({ step: 'swap', bytes: staged.bytes, totalBytes: staged.bytes })
  }

  async remove(): Promise<void> {
    await this.#disk.removeTree(this.#folder)
    if (this.#imagesFolder !== undefined) {
      await this.#disk.removeTree(this.#imagesFolder)
    }
  }

  /** Links and names that no backup can hold count as well. */
  async keepsMoreImages(saved: () => AsyncIterable<string>): Promise<boolean> {
    const folder = this.#imagesFolder ?? ''
    for (const kept of (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('kept'))) {
      if (!(await isWithin(filesOf(join(folder, kept)), saved()))) {
        return true
      }
    }
    return false
  }

  /** Where nothing stood before, nothing is kept, and no folder has to stay. */
  async #removeEmpty(): Promise<void> {
    for (const folder of [this.#kept, this.#folder, this.#imagesFolder]) {
      await this.#disk.rmdir(folder ?? this.#folder).catch(() => undefined)
    }
  }

  get #folder(): string {
    return join(dirname(this.#settings.database), `.tillsafe-restore-${this.#restore}`)
  }

  get #staged(): string {
    return join(this.#folder, 'database')
  }

  get #kept(): string {
    return join(this.#folder, 'kept')
  }

  get #imagesFolder(): string | undefined {
    const images = this.#settings.images
    return images === undefined ? undefined : join(dirname(images), `.tillsafe-restore-${this.#restore}-images`)
  }

  async #fill(snapshot: Snapshot, job: JobContext): Promise<Staged> {
    const facts = await snapshot.facts()
    this.#requireEncrypted(facts)
    await requireSpace(dirname(this.#settings.database), facts.database.bytes + MARGIN_BYTES, 'the restored database')
    await makeFolder(this.#disk, this.#folder)
    let withImages = false
    for await (const entry of snapshot.entries()) {
      switch (entry.part) {
        case 'database':
          await this.#writeDatabase(entry, facts.database.sha256, job)
          break
        case 'images':
          withImages = (await this.#writeImage(entry, job)) || withImages
          break
        case 'settings':
          break
        default:
          entry.part satisfies never
      }
    }
    await this.#requireSame(snapshot, job)
    await this.#dressLikeLive()
    return { restore: this.#restore, sha256: facts.database.sha256, bytes: facts.database.bytes, withImages }
  }

  /** A till that encrypts can't open a plain database, and nobody wants one to lie there. */
  #requireEncrypted({ database }: Facts): void {
    if (this.#settings.encryption !== undefined && database.encryption === 'none') {
      throw new TillsafeError('source.not-encrypted', 'what is to be restored is not encrypted, and the database is')
    }
  }

  async #writeDatabase(entry: Entry, sha256: string, job: JobContext): Promise<void> {
    const watched = watch(await entry.open(), (bytes) => job.report({ step: 'stage', bytes, totalBytes: entry.bytes }))
    await writeNewFile(this.#disk, this.#staged, cancellable(watched, job.signal))
    const found = await sha256Of(
      cancellable(readFileRange(this.#staged, { start: 0, end: entry.bytes + 1 }), job.signal),
    )
    if (found.sha256 !== sha256) {
      throw new TillsafeError('backup.damaged', 'what was written beside the database differs from the backup')
    }
  }

  async #writeImage(entry: Entry, job: JobContext): Promise<boolean> {
    if (this.#imagesFolder === undefined || this.#settings.images === undefined) {
      return false
    }
    const path = entry.path.slice(IMAGES_PREFIX.length)
    if (!isEntryPath(path)) {
      throw new TillsafeError('backup.damaged', `the image ${JSON.stringify(path)} has a name that may not be written`)
    }
    const file = join(this.#imagesFolder, 'staged', path)
    await requireRenamable(this.#settings.images, dirname(this.#settings.images))
    await makeFolder(this.#disk, dirname(file))
    await writeNewFile(this.#disk, file, cancellable(await entry.open(), job.signal))
    if (entry.modifiedMs !== undefined) {
      await utimes(file, entry.modifiedMs / 1000, entry.modifiedMs / 1000)
    }
    await this.#disk.syncFolder(dirname(file))
    return true
  }

  /** The engine must read the same from the staged file as it read from the source on the day of the backup. */
  async #requireSame(snapshot: Snapshot, job: JobContext): Promise<void> {
    job.report({ step: 'check', bytes: 0 })
    const facts = await snapshot.facts()
    const folder = await realpath(this.#folder)
    const task = {
      kind: 'inspect',
      file: join(folder, basename(this.#staged)),
      of: 'the backup',
      keys: this.#keys,
    } as const
    const walls = snapshot.isStrange ? wallsFor(folder, facts.database.bytes) : undefined
    const differences = findDifferences(facts.database, await runSqliteTask(task, job, walls))
    if (differences.length > 0) {
      throw new TillsafeError(
        'backup.damaged',
        `the backup does not open as it should: ${differences.slice(0, 5).join('; ')}`,
      )
    }
    await this.#disk.syncFolder(this.#folder)
  }

  /** Owner and rights as the live files have them: the till may run as another user than we do. */
  async #dressLikeLive(): Promise<void> {
    await dress(this.#staged, await modelFor(this.#settings.database, 0o644))
    if (this.#imagesFolder !== undefined && this.#settings.images !== undefined) {
      const staged = join(this.#imagesFolder, 'staged')
      const like = await modelFor(this.#settings.images, 0o755)
      for await (const { path, kind } of walkFolder(staged, () => undefined)) {
        await dress(join(staged, path), { ...like, mode: kind === 'folder' ? like.mode : like.mode & 0o666 })
      }
      await dress(staged, like).catch(() => undefined)
    }
  }

  async #swapImages(images: string): Promise<void> {
    const folder = this.#imagesFolder ?? ''
    const staged = join(folder, 'staged')
    // What is not staged any more, an earlier run has put in place; it may have been cut before it could sync.
    if (await exists(staged)) {
      if (await exists(images)) {
        const kept = join(folder, 'kept')
        await this.#disk.rename(images, (await exists(kept)) ? `${kept}-${basename(images)}` : kept)
      }
      await this.#disk.rename(staged, images)
      await this.#disk.syncFolder(folder)
    }
    await this.#disk.syncFolder(dirname(images))
  }
}

interface Dress {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** Owner and rights of a file, or those of its folder with a usual mode when there is no such file. */
async function modelFor(path: string, usualMode: number): Promise<Dress> {
  const live = await lstat(path).catch(() => undefined)
  const { uid, gid } = live ?? (await lstat(dirname(path)))
  return { uid, gid, mode: live === undefined ? usualMode : live.mode & 0o777 }
}

async function dress(path: string, { uid, gid, mode }: Dress): Promise<void> {
  await chmod(path, mode)
  await chown(path, uid, gid).catch(() => undefined) // only root may give files away
}

/** The paths of images in a folder, as a backup has them. Error when one of its folders can't be read: something may be there. */
async function* filesOf(folder: string): AsyncIterable<string> {
  const unreadable = (_: string, error: Error) => {
    throw error
  }
  for await (const { path, kind } of walkFolder(folder, unreadable)) {
    if (kind !== 'folder') {
      yield `${IMAGES_PREFIX}${path}`
    }
  }
}

/** Whether each of `some` is among `all`; both are in order. */
async function isWithin(some: AsyncIterable<string>, all: AsyncIterable<string>): Promise<boolean> {
  const others = all[Symbol.asyncIterator]()
  try {
    let other = await others.next()
    for await (const one of some) {
      while (!other.done && other.value < one) {
        other = await others.next()
      }
      if (other.done || other.value !== one) {
        return false
      }
    }
    return true
  } finally {
    await others.return?.()
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

async function* watch(stream: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of stream) {
    yield chunk
    bytes += chunk.byteLength
    onBytes(bytes)
  }
}
