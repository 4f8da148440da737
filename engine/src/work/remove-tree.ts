import { lstat, opendir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** How long is tried where something is still being written. */
export interface Patience {
  readonly maxRetries?: number
  readonly retryDelay?: number
}

/**
 * Removes a file, or a folder with all that is in it; nothing where nothing is. The files go one at a time: `rm` alone
 * holds the names of all of them, some 2 kB for each.
 */
export async function removeTree(path: string, patience: Patience = {}): Promise<void> {
  await emptyFolder(path).catch(() => undefined) // whatever stays, `rm` removes or names
  await rm(path, { recursive: true, force: true, ...patience })
}

async function emptyFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) {
    return // what a link leads to is not ours
  }
  for await (const item of await opendir(path)) {
    const below = join(path, item.name)
    await (item.isDirectory() ? emptyFolder(below) : unlink(below)).catch(() => undefined)
  }
}
