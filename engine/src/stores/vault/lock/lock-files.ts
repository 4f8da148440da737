import { type Clock, hasShape, VaultLockFile } from '../../../model/index.ts'
import type { VaultUser } from '../../../work/vault-user.ts'
import { hasCode } from '../../has-code.ts'
import { goTime } from '../format/go-text.ts'
import type { Repository } from '../repository/repository.ts'

/** A lock that was found: somebody's, or one that nobody can read. */
export type FoundLock =
  | { readonly kind: 'lock'; readonly name: string; readonly file: VaultLockFile; readonly writtenMs: number }
  | { readonly kind: 'unreadable'; readonly name: string; readonly key: string; readonly problem: string }

/** A lock that we have written, and when: by the wall's clock, which others compare, and by one that never jumps. */
export interface OwnLock {
  readonly name: string
  readonly writtenMs: number
  readonly writtenTicks: number
}

/** The folder `locks` of a repository, as one process writes and reads it. */
export class LockFiles {
  readonly user: VaultUser
  readonly clock: Clock
  readonly #repository: Repository

  constructor(repository: Repository, user: VaultUser, clock: Clock) {
    this.#repository = repository
    this.user = user
    this.clock = clock
  }

  async write(exclusive: boolean): Promise<OwnLock> {
    const { hostname, username, pid, uid, gid } = this.user
    const writtenMs = Date.parse(this.clock.now())
    const writtenTicks = this.clock.ticks()
    const file: VaultLockFile = {
      time: goTime(writtenMs),
      exclusive,
      hostname,
      username,
      pid,
      ...(uid === 0 ? {} : { uid }),
      ...(gid === 0 ? {} : { gid }),
    }
    const name = await this.#repository.writeFile('locks', Buffer.from(JSON.stringify(file)))
    return { name, writtenMs, writtenTicks }
  }

  /** All locks. Left out are those that go while we look, and empty files: their writers have not begun. */
  async list(): Promise<FoundLock[]> {
    const found: FoundLock[] = []
    for await (const name of this.#repository.files.list('locks')) {
      const lock = await this.#read(name)
      if (lock !== undefined) {
        found.push(lock)
      }
    }
    return found
  }

  async has(name: string): Promise<boolean> {
    return (await this.#repository.files.size('locks', name)) !== undefined
  }

  /** How old it is, by the clock that has gone further: one may have been set back, the other sleeps with its machine. */
  ageMs({ writtenMs, writtenTicks }: OwnLock): number {
    return Math.max(Date.parse(this.clock.now()) - writtenMs, this.clock.ticks() - writtenTicks)
  }

  async remove(name: string): Promise<void> {
    await this.#repository.files.remove('locks', name)
  }

  async #read(name: string): Promise<FoundLock | undefined> {
    if (!(await this.#repository.files.size('locks', name))) {
      return undefined
    }
    try {
      return this.#parse(name, await this.#repository.readFile('locks', name))
    } catch (error) {
      if (hasCode(error, 'object.missing')) {
        return undefined
      }
      if (hasCode(error, 'vault.damaged')) {
        return this.#unreadable(name, error.message)
      }
      throw error
    }
  }

  #parse(name: string, json: Buffer): FoundLock {
    const file = parsedJson(json)
    if (!hasShape(VaultLockFile, file)) {
      return this.#unreadable(name, 'it is not what a lock looks like')
    }
    const writtenMs = Date.parse(file.time)
    return Number.isNaN(writtenMs)
      ? this.#unreadable(name, 'it does not say since when')
      : { kind: 'lock', name, file, writtenMs }
  }

  #unreadable(name: string, problem: string): FoundLock {
    return { kind: 'unreadable', name, key: this.#repository.files.keyOf('locks', name), problem }
  }
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
