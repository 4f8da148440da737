import { randomBytes } from 'node:crypto'
import { dirname, join, sep } from 'node:path'
import { type Id, TillsafeError } from '../model/index.ts'
import type { Content, Range } from '../snapshot/content.ts'
import { readHandle } from '../snapshot/file-content.ts'
import { type Disk, hasErrorCode, realDisk } from '../work/disk.ts'
import { nameDraft, writeNewFile } from '../work/durable-files.ts'
import { sha256OfBytes } from '../work/sha256.ts'
import type { Destination, Key } from './destination.ts'
import { diskFailure } from './disk-errors.ts'
import { checkKey, isKey } from './key.ts'
import { ContentFailure, wholeContent } from './whole-content.ts'

const DRAFTS = '.tillsafe-drafts'

/**
 * A folder on this machine or on a mounted disk. The folder itself is never made here: an unplugged disk must not
 * become a folder on the system disk.
 */
export class LocalDestination implements Destination {
  readonly #root: string
  readonly #mark: string
  readonly #disk: Disk
  /** Drafts that this object is writing. */
  readonly #busy: Set<string> = new Set()
  /** Folders whose names are known to last. */
  readonly #lasting: Set<string> = new Set()

  /** `owner` is the shop's id: it tells our drafts from those of other shops in the same folder. */
  constructor({ path, owner, disk = realDisk }: { path: string; owner: Id; disk?: Disk }) {
    this.#root = path
    this.#mark = `${owner.slice(0, 16)}-`
    this.#disk = disk
  }

  async write(key: Key, content: Content): Promise<void> {
    const path = this.#pathOf(key)
    await this.#attempt(`write ${key} (${content.bytes} bytes)`, async () => {
      if ((await this.#bytesOf(path)) !== undefined) {
        throw nameTaken(key)
      }
      await this.#writeDraft(key, path, content)
    })
  }

  async read(key: Key, range?: Range): Promise<AsyncIterable<Uint8Array>> {
    const path = this.#pathOf(key)
    const bytes = await this.size(key)
    if (bytes === undefined) {
      throw new TillsafeError('object.missing', `there is no ${key} in ${this.#root}`)
    }
    return this.#stream(key, path, { start: range?.start ?? 0, end: Math.min(range?.end ?? bytes, bytes) })
  }

  async size(key: Key): Promise<number | undefined> {
    const path = this.#pathOf(key)
    return await this.#attempt(`look at ${key}`, async () => await this.#bytesOf(path))
  }

  async *list(prefix: string): AsyncIterable<Key> {
    await this.#attempt('list', async () => await this.#requireRoot())
    yield* this.#walk('', prefix)
  }

  async remove(key: Key): Promise<void> {
    const path = this.#pathOf(key)
    await this.#attempt(`remove ${key}`, async () => {
      if ((await this.#bytesOf(path)) !== undefined) {
        await this.#unlink(path)
        await this.#disk.syncFolder(dirname(path))
      }
    })
  }

  async sweep(): Promise<void> {
    await this.#attempt('sweep', async () => {
      const names = await this.#names(join(this.#root, DRAFTS))
      const left = names.filter((name) => name.startsWith(this.#mark) && !this.#busy.has(name))
      for (const name of left) {
        await this.#unlink(join(this.#root, DRAFTS, name))
      }
      await this.#syncNames('')
    })
  }

  #pathOf(key: Key): string {
    checkKey(key)
    return join(this.#root, ...key.split('/'))
  }

  async #writeDraft(key: Key, path: string, content: Content): Promise<void> {
    await this.#makeFolders(DRAFTS)
    const name = `${this.#mark}${randomBytes(8).toString('hex')}.draft`
    const draft = join(this.#root, DRAFTS, name)
    // The key decides this name, so that two writers of one key meet where the disk knows no links.
    const reservation = join(this.#root, DRAFTS, `${this.#mark}${sha256OfBytes(key).slice(0, 32)}.reserved`)
    this.#busy.add(name)
    try {
      await writeNewFile(this.#disk, draft, wholeContent(key, content))
      await this.#makeFolders(...key.split('/').slice(0, -1))
      await nameDraft(this.#disk, draft, path, reservation)
    } catch (error) {
      await this.#unlink(draft).catch(() => undefined)
      throw error
    } finally {
      this.#busy.delete(name)
    }
  }

  /** Makes the folders on the way to an object, from the root down, so that a missing root is never made. */
  async #makeFolders(...names: readonly string[]): Promise<void> {
    let folder = this.#root
    for (const name of names) {
      const parent = folder
      folder = join(parent, name)
      const made = await this.#makeOne(folder)
      // A folder that is there may have been made by a process that was cut before it could sync.
      if (made || !this.#lasting.has(folder)) {
        await this.#disk.syncFolder(parent)
        this.#lasting.add(folder)
      }
    }
  }

  async #makeOne(folder: string): Promise<boolean> {
    try {
      await this.#disk.mkdir(folder)
      return true
    } catch (error) {
      if (hasErrorCode(error, 'EEXIST')) {
        return false
      }
      throw error
    }
  }

  async *#stream(key: Key, path: string, range: Range): AsyncIterable<Uint8Array> {
    try {
      await using file = await this.#disk.open(path, 'r')
      yield* readHandle(file, range)
    } catch (error) {
      throw await this.#failure(error, `read ${key}`)
    }
  }

  /** The objects below a folder whose keys begin with `prefix`, in the order of their keys. */
  async *#walk(folder: string, prefix: string): AsyncIterable<Key> {
    for (const { key, isFolder } of await this.#attempt('list', async () => await this.#look(folder, prefix))) {
      if (isFolder) {
        yield* this.#walk(key, prefix)
      } else {
        yield key
      }
    }
  }

  /** What is in a folder and matters to `prefix`. The key of a folder ends with `/`: so keys sort as a whole. */
  async #look(folder: string, prefix: string): Promise<{ key: Key; isFolder: boolean }[]> {
    const found: { key: Key; isFolder: boolean }[] = []
    for (const name of await this.#names(join(this.#root, folder))) {
      const key = `${folder}${name}`
      if (!isKey(key) || !(key.startsWith(prefix) || prefix.startsWith(key))) {
        continue
      }
      const status = await this.#status(join(this.#root, key))
      if (status?.isFile() && key.startsWith(prefix)) {
        found.push({ key, isFolder: false })
      } else if (status?.isDirectory()) {
        found.push({ key: `${key}/`, isFolder: true })
      }
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** A write that was cut after naming its object has not made the name last: whoever finds the object counts on it. */
  async #syncNames(folder: string): Promise<void> {
    for (const { key, isFolder } of await this.#look(folder, '')) {
      if (isFolder) {
        await this.#syncNames(key)
      }
    }
    await this.#disk.syncFolder(join(this.#root, folder))
  }

  async #names(folder: string): Promise<string[]> {
    return (await this.#unlessMissing(async () => await this.#disk.readdir(folder))) ?? []
  }

  async #status(path: string): Promise<Awaited<ReturnType<Disk['stat']>> | undefined> {
    return await this.#unlessMissing(async () => await this.#disk.stat(path))
  }

  /** Symbolic links, folders and devices are no objects. */
  async #bytesOf(path: string): Promise<number | undefined> {
    const status = await this.#status(path)
    return status?.isFile() ? status.size : undefined
  }

  async #unlink(path: string): Promise<void> {
    await this.#unlessMissing(async () => await this.#disk.unlink(path))
  }

  /** Undefined for what is not there, as long as the place itself is. */
  async #unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look()
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) {
        throw error
      }
      await this.#requireRoot()
      return undefined
    }
  }

  async #requireRoot(): Promise<void> {
    try {
      await this.#disk.stat(`${this.#root}${sep}.`) // with the dot, the root may be a symbolic link
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR')) {
        throw error
      }
      throw new TillsafeError('destination.missing', `the folder ${this.#root} is not there`, { cause: error })
    }
  }

  async #attempt<T>(deed: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw await this.#failure(error, deed)
    }
  }

  async #failure(error: unknown, deed: string): Promise<unknown> {
    if (error instanceof ContentFailure) {
      return error.cause
    }
    if (hasErrorCode(error, 'ENOENT')) {
      const missing = await this.#requireRoot().catch((reason: unknown) => reason)
      return missing instanceof TillsafeError ? missing : await diskFailure(error, { deed, root: this.#root })
    }
    return await diskFailure(error, { deed, root: this.#root })
  }
}

function nameTaken(key: Key): TillsafeError {
  return new TillsafeError('destination.name-taken', `${key} exists already`)
}
