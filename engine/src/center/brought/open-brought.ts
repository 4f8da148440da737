import { lstat, open, realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { TillsafeError } from '../../model/index.ts'
import { isSealed } from '../../work/age/unseal.ts'
import { unsealFile } from '../../work/age/unseal-file.ts'
import { MARGIN_BYTES, requireSpace } from '../../work/free-space.ts'
import type { JobContext } from '../../work/job-context.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import type { Brought, Looking } from './brought.ts'
import { openBroughtArchive } from './brought-archive.ts'
import { openBroughtDatabase } from './brought-database.ts'

/** A ZIP begins with its first entry: APPNOTE.TXT §4.3.7. */
const ZIP_BEGIN = Buffer.from('PK\x03\x04', 'latin1')
const FIRST_BYTES = 256
/** What the folders of copies that pass begin with. */
export const LOOK_PREFIX = 'tillsafe-look-'

/**
 * Opens a file that somebody brings. Errors: `source.missing`, `source.not-a-database`, `source.damaged`,
 * `archive.damaged`, `archive.unsafe`, `backup.label-newer`, `key.needed`, `key.wrong`, `file.over-limit`, `space.short`.
 */
export async function openBrought(path: string, looking: Looking, job: JobContext): Promise<Brought> {
  const file = await requireFile(path, looking.live)
  const { size } = await stat(file)
  await requireSpace(looking.scratch, 2 * size + MARGIN_BYTES, 'a look into the file')
  const folder = await TemporaryFolder.make(await realpath(looking.scratch), LOOK_PREFIX)
  try {
    const first = await firstBytes(file)
    const sealed = isSealed(first)
    const plain = sealed ? await unsealed(file, folder, looking, job) : file
    const opened = { file, plain, sealed, bytes: size, folder }
    const isArchive = (sealed ? await firstBytes(plain) : first).subarray(0, 4).equals(ZIP_BEGIN)
    return isArchive ? await openBroughtArchive(opened, looking, job) : await openBroughtDatabase(opened, looking, job)
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function unsealed(file: string, folder: TemporaryFolder, { key }: Looking, job: JobContext): Promise<string> {
  if (key === undefined) {
    throw new TillsafeError('key.needed', `${basename(file)} is encrypted`)
  }
  const plain = folder.join('unsealed')
  await unsealFile({ file, plain, key }, job)
  return plain
}

/** The file itself, behind a link. A till's live database is never opened by this process: its locks would go. */
async function requireFile(path: string, live: readonly string[]): Promise<string> {
  const file = await realpath(path).catch((cause: unknown) => {
    throw new TillsafeError('source.missing', `${path} is not there`, { cause, hint: 'Check the path of the file.' })
  })
  const found = await lstat(file)
  if (!found.isFile()) {
    throw new TillsafeError('source.not-a-database', `${path} is no plain file`)
  }
  for (const database of live) {
    const other = await stat(database).catch(() => undefined)
    if (other?.dev === found.dev && other.ino === found.ino) {
      throw new TillsafeError('usage.invalid', `${path} is the live database of this shop`, {
        hint: '`tillsafe doctor` looks at the live database, `tillsafe backup` saves it.',
      })
    }
  }
  return file
}

async function firstBytes(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r')
  const bytes = Buffer.alloc(FIRST_BYTES)
  const { bytesRead } = await handle.read(bytes, 0, FIRST_BYTES, 0)
  return bytes.subarray(0, bytesRead)
}
