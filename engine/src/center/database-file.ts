import { constants } from 'node:fs'
import { copyFile, lstat, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { type Facts, failureOf, type Label, type SchemaMap, TillsafeError } from '../model/index.ts'
import { fileContent } from '../snapshot/file-content.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { chainHeadsOf } from '../sources/sqlite/chain-heads-of.ts'
import type { InspectResult } from '../sources/sqlite/inspect.ts'
import { runSqliteTask } from '../sources/sqlite/sqlite-process.ts'
import { DATABASE_PATH } from '../sources/sqlite/sqlite-source.ts'
import { decodeLabel, LABEL_FILE_BYTES } from '../stores/label-file.ts'
import { requireSpace } from '../work/free-space.ts'
import type { JobContext } from '../work/job-context.ts'
import { sha256Of } from '../work/sha256.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'

/** Whose a file is: signed by this shop, by another, or by nobody we know. */
export type FileIdentity =
  | { readonly kind: 'own'; readonly label: Label }
  | { readonly kind: 'foreign'; readonly shop: string }
  | { readonly kind: 'unknown' }

const MARGIN_BYTES = 64 * 1024 * 1024
/** Nobody else uses the copy. */
const NO_LIMITS = { milliseconds: Number.POSITIVE_INFINITY, walGrowthBytes: Number.POSITIVE_INFINITY }

/**
 * A database file that somebody brings, perhaps with its label beside it. The file itself is only read: what is opened
 * is a copy, in a process of its own.
 */
export class DatabaseFile implements AsyncDisposable {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly identity: FileIdentity
  readonly inspected: InspectResult
  /** What does not fit, as sentences. */
  readonly problems: readonly string[]
  readonly #folder: TemporaryFolder

  private constructor(
    folder: TemporaryFolder,
    found: Omit<DatabaseFile, keyof AsyncDisposable | 'facts' | 'snapshot'>,
  ) {
    this.#folder = folder
    this.file = found.file
    this.bytes = found.bytes
    this.sha256 = found.sha256
    this.identity = found.identity
    this.inspected = found.inspected
    this.problems = found.problems
  }

  /** Errors: `source.missing`, `source.not-a-database`, `source.damaged`, `backup.label-newer`, `space.short`. */
  static async open(
    file: string,
    publicKey: string,
    schemaMap: SchemaMap | undefined,
    job: JobContext,
  ): Promise<DatabaseFile> {
    const { size } = await requireFile(file)
    await requireSpace(tmpdir(), 2 * size + MARGIN_BYTES, 'a look into the file')
    const folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-look-')
    try {
      const copy = folder.join('database')
      const { sha256, bytes } = await copyWhole(file, folder, copy, job)
      const { identity, problem } = await readIdentity(file, sha256, publicKey)
      const task = { kind: 'inspect', file: copy, of: file, ...(schemaMap && { schemaMap }) } as const
      const inspected = await runSqliteTask(task, job)
      const problems = [...(problem === undefined ? [] : [problem]), ...inspected.faults]
      return new DatabaseFile(folder, { file, bytes, sha256, identity, inspected, problems })
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The file as a snapshot, in the name of its label, or of `heading` when it has none. */
  snapshot(heading: Snapshot['heading']): Snapshot {
    const { bytes, inspected } = this
    const copy = this.#folder.join('database')
    const facts = this.facts()
    return {
      heading: this.identity.kind === 'own' ? this.identity.label : heading,
      async *entries() {
        const { pageSize } = inspected.fingerprint
        yield { ...fileContent(copy, bytes), path: DATABASE_PATH, part: 'database', pageSize }
      },
      facts: async () => facts,
      [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
    }
  }

  facts(): Facts {
    if (this.identity.kind === 'own') {
      return this.identity.label
    }
    const { fingerprint, faults, meaning } = this.inspected
    const condition = faults.length === 0 ? 'sound' : 'damaged'
    return {
      database: {
        engine: 'sqlite',
        bytes: this.bytes,
        sha256: this.sha256,
        fingerprint,
        condition,
        encryption: 'none',
      },
      sections: [...meaning.sections],
      counters: { ...meaning.counters },
      chainHeads: chainHeadsOf(meaning),
      problems: [...this.problems],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}

/**
 * One file with all that belongs to it. A till's files often come as they lay, with a WAL or a journal beside: the
 * database alone would lack its newest sales, and would look whole.
 */
async function copyWhole(
  file: string,
  folder: TemporaryFolder,
  copy: string,
  job: JobContext,
): Promise<{ sha256: string; bytes: number }> {
  const brought = await companionsOf(file)
  const raw = brought.length === 0 ? copy : folder.join('raw.db')
  for (const ending of ['', ...brought]) {
    await copyFile(`${file}${ending}`, `${raw}${ending}`, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  }
  if (brought.length === 0) {
    return sha256Of(await fileContent(copy, (await lstat(copy)).size).open())
  }
  return runSqliteTask({ kind: 'snapshot', database: raw, target: copy, limits: NO_LIMITS }, job)
}

async function companionsOf(file: string): Promise<string[]> {
  const found = await Promise.all(
    ['-wal', '-journal'].map(async (ending) => ({
      ending,
      status: await lstat(`${file}${ending}`).catch(() => undefined),
    })),
  )
  return found.filter(({ status }) => status?.isFile() && status.size > 0).map(({ ending }) => ending)
}

async function requireFile(file: string): Promise<{ size: number }> {
  const found = await lstat(file).catch((cause: unknown) => {
    throw new TillsafeError('source.missing', `${file} is not there`, { cause, hint: 'Check the path of the file.' })
  })
  if (!found.isFile()) {
    throw new TillsafeError('source.not-a-database', `${file} is no plain file`)
  }
  return found
}

async function readIdentity(
  file: string,
  sha256: string,
  publicKey: string,
): Promise<{ identity: FileIdentity; problem?: string }> {
  const bytes = await readLabelFile(`${file}.json`)
  if (bytes === undefined) {
    return { identity: { kind: 'unknown' } }
  }
  try {
    const signed = decodeLabel(bytes, publicKey)
    if (signed.kind === 'foreign') {
      return { identity: { kind: 'foreign', shop: signed.shop } }
    }
    return signed.label.database.sha256 === sha256
      ? { identity: signed }
      : { identity: { kind: 'unknown' }, problem: `${basename(file)} differs from what its label describes` }
  } catch (error) {
    const { code, message } = failureOf(error)
    if (code !== 'backup.label-damaged') {
      throw error
    }
    return { identity: { kind: 'unknown' }, problem: `the label beside the file is damaged: ${message}` }
  }
}

async function readLabelFile(file: string): Promise<Buffer | undefined> {
  const found = await lstat(file).catch(() => undefined)
  return found?.isFile() && found.size <= LABEL_FILE_BYTES ? readFile(file) : undefined
}
