import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Id, RestoreEntry } from '../model/index.ts'
import { hasErrorCode, realDisk } from '../work/disk.ts'
import { makeFolder, replaceFile } from '../work/durable-files.ts'
import type { Home } from './home.ts'
import { readJsonFile } from './read-json-file.ts'

/** The restores of a shop that are not over: each is a small file, replaced in one step, synced. */
export class RestoreJournal {
  readonly #folder: string

  constructor(home: Home) {
    this.#folder = home.restores
  }

  async write(entry: RestoreEntry): Promise<void> {
    await makeFolder(realDisk, this.#folder)
    await replaceFile(realDisk, this.#path(entry.id), `${JSON.stringify(entry, null, 2)}\n`)
  }

  async remove(id: Id): Promise<void> {
    await unlink(this.#path(id)).catch(() => undefined)
    await realDisk.syncFolder(this.#folder)
  }

  async entries(): Promise<RestoreEntry[]> {
    const names = await this.#names()
    const read = names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readJsonFile(join(this.#folder, name), RestoreEntry, 'home.damaged'))
    return (await Promise.all(read)).filter((entry) => entry !== undefined)
  }

  /** Removes what a cut has left of an entry that was being written. */
  async sweep(): Promise<void> {
    const names = await this.#names()
    for (const name of names.filter((name) => name.endsWith('.draft'))) {
      await unlink(join(this.#folder, name))
    }
  }

  /** No folder means no restores. Any other failure to look must not be taken for that. */
  async #names(): Promise<string[]> {
    return readdir(this.#folder).catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) {
        return []
      }
      throw error
    })
  }

  #path(id: Id): string {
    return join(this.#folder, `${id}.json`)
  }
}
