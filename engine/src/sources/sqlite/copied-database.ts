import { readFile } from 'node:fs/promises'
import type { Content } from '../../snapshot/content.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import { PageMap } from '../../snapshot/pages/page-map.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { CipherKey } from './cipher-key.ts'
import { requireDatabase } from './require-database.ts'
import { LIMITS, type SnapshotResult } from './snapshot-task.ts'
import { runSqliteTask } from './sqlite-process.ts'

/** What the folder of a copy holds: the copy, and the hashes of its pages. */
const COPY = 'database'
const PAGE_MAP = 'database.pages'

/** A live database, and its keys where it has to be encrypted. */
export interface LiveDatabase {
  readonly database: string
  readonly keys?: readonly CipherKey[]
}

/** A copy of a live database at one moment, in a folder of ours that goes when it is put away. */
export class CopiedDatabase implements AsyncDisposable {
  readonly result: SnapshotResult
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder, result: SnapshotResult) {
    this.#folder = folder
    this.result = result
  }

  static async make(
    live: LiveDatabase,
    scratch: string,
    withPageMap: boolean,
    job: JobContext,
  ): Promise<CopiedDatabase> {
    const bytes = await requireDatabase(live.database)
    await requireSpace(scratch, bytes + MARGIN_BYTES, 'the copy of the database')
    const folder = await TemporaryFolder.make(scratch, 'snapshot-')
    try {
      const pageMap = withPageMap ? { pageMap: folder.join(PAGE_MAP) } : {}
      const task = { kind: 'snapshot', ...live, target: folder.join(COPY), ...pageMap, limits: LIMITS } as const
      const onProgress = (done: number, totalBytes: number): void =>
        job.report({ step: 'snapshot', bytes: done, totalBytes })
      return new CopiedDatabase(folder, await runSqliteTask(task, { signal: job.signal, onProgress }))
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
  }

  get file(): string {
    return this.#folder.join(COPY)
  }

  get content(): Content {
    return fileContent(this.file, this.result.bytes)
  }

  /** The hashes of its pages; undefined when nobody has counted them, or they can't be read any more. */
  async map(): Promise<PageMap | undefined> {
    const file = await readFile(this.#folder.join(PAGE_MAP)).catch(() => undefined)
    return file && PageMap.decode(file)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
