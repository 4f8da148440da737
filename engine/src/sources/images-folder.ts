import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TillsafeError } from '../model/index.ts'
import { type Entry, isEntryPath } from '../snapshot/entry.ts'
import { readFileRange, readHandle } from '../snapshot/file-content.ts'

/** Where the images of a snapshot lie within it. */
export const IMAGES_PREFIX = 'images/'

/** The folder of a workspace's images: plain files, in folders below it. Links are not followed. */
export class ImagesFolder {
  readonly path: string
  /** What could not be read, as sentences; grows while the entries are walked. */
  readonly #problems = new Set<string>()

  constructor(path: string) {
    this.path = path
  }

  get problems(): readonly string[] {
    return [...this.#problems]
  }

  /** The images in order of path. A folder that is not there has none, and that is a problem to show. */
  async *entries(): AsyncIterable<Entry> {
    yield* this.#walk('')
  }

  async *#walk(below: string): AsyncIterable<Entry> {
    const found = await readdir(join(this.path, below), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        this.#problems.add(`images folder ${join(this.path, below)} could not be read: ${error.code}`)
        return []
      },
    )
    for (const item of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? item.name : `${below}/${item.name}`
      if (item.isDirectory()) {
        yield* this.#walk(path)
      } else if (item.isFile() && isEntryPath(path)) {
        yield* this.#entry(path)
      } else {
        this.#problems.add(
          `image ${path} is left out: ${item.isFile() ? 'its name is not portable' : 'it is no plain file'}`,
        )
      }
    }
  }

  async *#entry(path: string): AsyncIterable<Entry> {
    const file = join(this.path, path)
    const found = await lstat(file).catch(() => undefined)
    if (found === undefined) {
      this.#problems.add(`image ${path} could not be found under its name`) // gone meanwhile, or a name that is no text
    } else if (found.isFile()) {
      yield {
        bytes: found.size,
        open: async (range) => (range === undefined ? wholeFile(file) : readFileRange(file, range)),
        path: `${IMAGES_PREFIX}${path}`,
        part: 'images',
        modifiedMs: Math.round(found.mtimeMs),
      }
    }
  }
}

/** A file as it is now: since it was listed, it may have been replaced by a longer one. */
async function* wholeFile(path: string): AsyncIterable<Uint8Array> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  yield* readHandle(file, { start: 0, end: size })
}

/** Throws when a folder can't be replaced by renaming: because it is where another disk is mounted. */
export async function requireRenamable(folder: string, parent: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (found !== undefined && (!found.isDirectory() || found.dev !== (await lstat(parent)).dev)) {
    throw new TillsafeError(
      'restore.images-elsewhere',
      `the images folder ${folder} is a link or another disk, and can't be replaced in one step`,
    )
  }
}
