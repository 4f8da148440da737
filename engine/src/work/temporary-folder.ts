import { lstat, mkdtemp, readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Instant } from '../model/index.ts'
import { removeTree } from './remove-tree.ts'

const DAY_MS = 86_400_000

/** A folder that is gone, with all that is in it, when its work is done. Only this user can look inside. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Makes one in `parent`, whose name begins with `prefix`. */
  static async make(parent: string, prefix: string): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(parent, prefix)))
  }

  /** Removes those that a killed process of this user has left in `parent` more than a day ago. */
  static async sweep(parent: string, prefix: string, now: Instant): Promise<void> {
    for (const name of (await readdir(parent)).filter((candidate) => candidate.startsWith(prefix))) {
      const path = join(parent, name)
      const found = await lstat(path).catch(() => undefined)
      const isOld = found !== undefined && Date.parse(now) - found.mtimeMs > DAY_MS
      if (isOld && found.isDirectory() && isMine(found.uid)) {
        await removeTree(path).catch(() => undefined) // another look has been quicker
      }
    }
  }

  join(name: string): string {
    return join(this.path, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeTree(this.path)
  }
}

/** Windows has no such numbers, and a temporary folder for each user. */
function isMine(uid: number): boolean {
  const { uid: own } = userInfo()
  return own < 0 || own === uid
}
