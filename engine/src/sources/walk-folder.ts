import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** Something in a folder, by its path with `/`. Links and devices are other things. */
export interface FoundThing {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'other'
}

/**
 * All that lies in a folder and below it: files and other things in order of their whole paths (by code unit, as
 * JavaScript compares), each folder behind what is in it. Links are not followed. Of what waits for its turn, only the
 * names are held. A folder that can't be read is told, and what was read of it is given.
 */
export async function* walkFolder(
  folder: string,
  onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void,
  below: string = '',
): AsyncIterable<FoundThing> {
  for (const key of await sortedKeys(join(folder, below), onUnreadable)) {
    if (key.endsWith(FOLDER)) {
      yield* walkFolder(folder, onUnreadable, `${below}${key}`)
      yield { path: `${below}${key.slice(0, -1)}`, kind: 'folder' }
    } else if (key.endsWith(OTHER)) {
      yield { path: `${below}${key.slice(0, -1)}`, kind: 'other' }
    } else {
      yield { path: `${below}${key}`, kind: 'file' }
    }
  }
}

/** No name ends so. With its slash, a folder sorts as the paths in it do; nothing comes before a zero. */
const FOLDER = '/'
const OTHER = '\0'
const NAMES_AT_ONCE = 256

async function sortedKeys(
  path: string,
  onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void,
): Promise<readonly string[]> {
  const keys: string[] = []
  try {
    for await (const item of await opendir(path, { bufferSize: NAMES_AT_ONCE })) {
      keys.push(keyOf(item))
    }
  } catch (error) {
    onUnreadable(path, error as NodeJS.ErrnoException)
  }
  return keys.sort()
}

function keyOf(item: Dirent): string {
  if (item.isFile()) {
    return item.name
  }
  return `${item.name}${item.isDirectory() ? FOLDER : OTHER}`
}
