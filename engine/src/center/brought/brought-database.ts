import { constants } from 'node:fs'
import { copyFile, lstat, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Facts, failureOf, type Label, TillsafeError } from '../../model/index.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import { fileContent } from '../../snapshot/file-content.ts'
import { chainHeadsOf } from '../../sources/sqlite/chain-heads-of.ts'
import type { InspectResult } from '../../sources/sqlite/inspect.ts'
import { runSqliteTask } from '../../sources/sqlite/sqlite-process.ts'
import { DATABASE_PATH } from '../../sources/sqlite/sqlite-source.ts'
import { wallsFor } from '../../sources/sqlite/walls-for.ts'
import { decodeLabel, LABEL_FILE_BYTES } from '../../stores/label-file.ts'
import { unsealed } from '../../work/age/unseal.ts'
import type { JobContext } from '../../work/job-context.ts'
import { sha256Of } from '../../work/sha256.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { Brought, BroughtIdentity, BroughtPart, Looking } from './brought.ts'
import { labelPathOf, SEALED_ENDING } from './file-endings.ts'
import type { OpenedFile } from './opened-file.ts'

/** Nobody else uses the copy. */
const NO_LIMITS = { milliseconds: Number.POSITIVE_INFINITY, walGrowthBytes: Number.POSITIVE_INFINITY }

interface FoundIdentity {
  readonly identity: BroughtIdentity
  readonly label?: Label
  readonly problem?: string
}

/** A database file that somebody brings, with its label beside it if there is one. */
export async function openBroughtDatabase(opened: OpenedFile, looking: Looking, job: JobContext): Promise<Brought> {
  const { file, sealed, bytes, folder } = opened
  const copy = folder.join('database')
  const copied = await copyWhole(opened, copy, looking, job)
  const found = await readIdentity(opened, copied.sha256, looking)
  const { schemaMap } = looking
  const task = {
    kind: 'inspect',
    file: copy,
    of: file,
    keys: looking.databaseKeys,
    ...(schemaMap && { schemaMap }),
  } as const
  const inspected = await runSqliteTask(task, job, wallsFor(folder.path, copied.bytes))
  return {
    file,
    sealed,
    bytes,
    kind: found.identity.kind === 'unknown' ? 'database' : 'database-copy',
    identity: found.identity,
    sha256: copied.sha256,
    parts: [partOf(copy, copied, found, inspected)],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

interface Copied {
  readonly sha256: string
  readonly bytes: number
}

function partOf(copy: string, { bytes, sha256 }: Copied, found: FoundIdentity, inspected: InspectResult): BroughtPart {
  const problems = [...(found.problem === undefined ? [] : [found.problem]), ...inspected.faults]
  const own = found.identity.kind === 'own' ? found.label : undefined
  const facts = own ?? factsOf(inspected, { bytes, sha256 }, problems)
  return {
    label: own,
    facts,
    images: undefined,
    problems,
    snapshot: (heading) => ({
      heading: own ?? heading,
      isStrange: own === undefined,
      async *entries() {
        const { pageSize } = inspected.fingerprint
        yield { ...fileContent(copy, bytes), path: DATABASE_PATH, part: 'database', pageSize }
      },
      facts: async () => facts,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  }
}

function factsOf(
  { fingerprint, faults, meaning, encryption }: InspectResult,
  { bytes, sha256 }: Copied,
  problems: readonly string[],
): Facts {
  const condition = faults.length === 0 ? 'sound' : 'damaged'
  return {
    database: { engine: 'sqlite', bytes, sha256, fingerprint, condition, encryption },
    ...(meaning.applicationVersion === undefined ? {} : { applicationVersion: meaning.applicationVersion }),
    ...(meaning.fiscalPeriod && { fiscalPeriod: meaning.fiscalPeriod }),
    sections: [...meaning.sections],
    counters: { ...meaning.counters },
    chainHeads: chainHeadsOf(meaning),
    problems: [...problems],
  }
}

/**
 * One file with all that belongs to it. A till's files often come as they lay, with a WAL or a journal beside: the
 * database alone would lack its newest sales, and would look whole.
 */
async function copyWhole(
  { file, plain, sealed, folder }: OpenedFile,
  copy: string,
  { databaseKeys: keys }: Looking,
  job: JobContext,
): Promise<Copied> {
  const brought = sealed ? [] : await companionsOf(file)
  if (brought.length === 0) {
    await copyFile(plain, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    return sha256Of(await fileContent(copy, (await lstat(copy)).size).open())
  }
  await using raw = await TemporaryFolder.make(folder.path, 'raw-')
  for (const ending of ['', ...brought]) {
    await copyFile(
      `${file}${ending}`,
      raw.join(`raw.db${ending}`),
      constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
    )
  }
  const { size } = await lstat(raw.join('raw.db'))
  const task = { kind: 'snapshot', database: raw.join('raw.db'), target: copy, limits: NO_LIMITS, keys } as const
  return await runSqliteTask(task, job, wallsFor(folder.path, size)) // the raw files stay until then
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

async function readIdentity(opened: OpenedFile, sha256: string, looking: Looking): Promise<FoundIdentity> {
  const bytes = await readLabelFile(opened, looking)
  if (bytes === undefined) {
    return { identity: { kind: 'unknown' } }
  }
  try {
    const signed = decodeLabel(bytes, looking.publicKey)
    if (signed.kind === 'foreign') {
      return { identity: { kind: 'foreign', shop: signed.shop } }
    }
    const { label } = signed
    return label.database.sha256 === sha256
      ? { identity: { kind: 'own' }, label }
      : { identity: { kind: 'unknown' }, problem: `${basename(opened.file)} differs from what its label describes` }
  } catch (error) {
    const { code, message } = failureOf(error)
    if (code !== 'backup.label-damaged') {
      throw error
    }
    return { identity: { kind: 'unknown' }, problem: `the label beside the file is damaged: ${message}` }
  }
}

/** The label of a sealed database is sealed as well, with the same key. */
async function readLabelFile({ file, sealed }: OpenedFile, { key }: Looking): Promise<Buffer | undefined> {
  const path = labelPathOf(file)
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isFile() || found.size > 2 * LABEL_FILE_BYTES || path.endsWith(SEALED_ENDING) !== sealed) {
    return undefined
  }
  if (!sealed || key === undefined) {
    return readFile(path)
  }
  try {
    return await readAll(unsealed(await fileContent(path, found.size).open(), key))
  } catch (error) {
    if (error instanceof TillsafeError) {
      return undefined // sealed for somebody else, or not at all
    }
    throw error
  }
}
