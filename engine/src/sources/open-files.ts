import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A process that has one of our files open. */
export interface Holder {
  readonly pid: number
  readonly name: string
}

/**
 * The processes that have one of these files open, as far as this user may see them. On Windows none are found: there
 * the replacing itself fails while a file is open.
 */
export async function processesWithOpen(files: readonly string[]): Promise<readonly Holder[]> {
  switch (platform()) {
    case 'linux':
      return fromProc(files)
    case 'darwin':
      return fromLsof(files)
    default:
      return []
  }
}

async function fromProc(files: readonly string[]): Promise<readonly Holder[]> {
  const wanted = new Set((await Promise.all(files.map(identity))).filter((id) => id !== undefined))
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const holders = await Promise.all(pids.map(async (pid) => ((await hasOpen(pid, wanted)) ? [await holder(pid)] : [])))
  return holders.flat()
}

async function hasOpen(pid: string, wanted: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const descriptors = await readdir(folder).catch(() => []) // ended meanwhile, or another user's
  for (const descriptor of descriptors) {
    const id = await identity(join(folder, descriptor))
    if (id !== undefined && wanted.has(id)) {
      return true
    }
  }
  return false
}

async function identity(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}

async function holder(pid: string): Promise<Holder> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return { pid: Number(pid), name: name.trim() || 'unknown' }
}

async function fromLsof(files: readonly string[]): Promise<readonly Holder[]> {
  // lsof exits with 1 when one of the files is not open, whatever it says of the others.
  const { stdout } = await promisify(execFile)('/usr/sbin/lsof', ['-Fpc', '--', ...files]).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const fields = stdout.split('\n')
  return fields.flatMap((field, n) =>
    field.startsWith('p') ? [{ pid: Number(field.slice(1)), name: fields[n + 1]?.slice(1) ?? 'unknown' }] : [],
  )
}
