import { lstat, open } from 'node:fs/promises'
import { join } from 'node:path'
import { TillsafeError } from '../model/index.ts'
import { type Entry, isEntryPath } from '../snapshot/entry.ts'
import { readFileRange, readHandle } from '../snapshot/file-content.ts'
import { walkFolder } from './walk-folder.ts'

/** Where the images of a snapshot lie within it. */
export const IMAGES_PREFIX = 'images/'

/** What a label has room for. */
const MOST_PROBLEMS = 50

/** The folder of a workspace's images: plain files, in folders below it. Links are not followed. */
export class ImagesFolder {
  readonly path: string
  readonly #problems: string[] = []
  #moreProblems = 0

  constructor(path: string) {
    this.path = path
  }

  /** What could not be read when the entries were last walked, as sentences; grows while they are. */
  get problems(): readonly string[] {
    return this.#moreProblems === 0
      ? [...this.#problems]
      : [...this.#problems, `${this.#moreProblems} more images or folders of images could not be read or stored`]
  }

  /** The images in order of path. A folder that is not there has none, and that is a problem to show. */
  async *entries(): AsyncIterable<Entry> {
    this.#problems.length = 0
    this.#moreProblems = 0
    let before: string | undefined
    for await (const { path, kind } of walkFolder(this.path, (folder, error) => this.#noteUnreadable(folder, error))) {
      if (kind === 'file' && isEntryPath(path) && path !== before) {
        before = path
        yield* this.#entry(path)
      } else if (kind === 'file') {
        this.#note(path === before ? notUnderItsName(path) : `image ${path} is left out: its name is not portable`)
      } else if (kind === 'other') {
        this.#note(`image ${path} is left out: it is no plain file`)
      }
    }
  }

  async *#entry(path: string): AsyncIterable<Entry> {
    const file = join(this.path, path)
    const found = await lstat(file).catch(() => undefined)
    if (found === undefined) {
      this.#note(notUnderItsName(path))
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

  #noteUnreadable(folder: string, { code }: NodeJS.ErrnoException): void {
    this.#note(`images folder ${folder} could not be read: ${code}`)
  }

  #note(problem: string): void {
    if (this.#problems.length < MOST_PROBLEMS) {
      this.#problems.push(problem)
    } else {
      this.#moreProblems++
    }
  }
}

/** It is gone meanwhile, or its name is no text: then it is not found, or another has the same. */
function notUnderItsName(path: string): string {
  return `image ${path} could not be found under its name`
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
