import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

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

  join(name: string): string {
    return join(this.path, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
