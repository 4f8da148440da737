import { type ErrorCode, TillsafeError } from '../model/index.ts'
import { firstError } from '../work/first-error.ts'
import { freeBytes } from '../work/free-space.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'destination.denied',
  EPERM: 'destination.denied',
  EROFS: 'destination.denied',
  ENOSPC: 'destination.full',
  EDQUOT: 'destination.full',
  EFBIG: 'destination.full',
  EEXIST: 'destination.name-taken',
}

/** What was being done when the operating system refused. */
export interface Attempt {
  /** Continues the sentence "could not …": `write a/b`. */
  readonly deed: string
  readonly root: string
}

/** An error of the operating system as a failure of the destination; every other error stays what it is. */
export async function diskFailure(thrown: unknown, { deed, root }: Attempt): Promise<unknown> {
  const error = firstError(thrown)
  const code = systemCodeOf(error)
  if (code === undefined) {
    return error
  }
  const ours = CODES[code] ?? 'destination.failed'
  const more = ours === 'destination.full' ? `, ${await freeSpace(root)} are free` : ''
  return new TillsafeError(ours, `could not ${deed} in ${root}: ${code}${more}`, { cause: error })
}

/** The code of an error of the operating system (`ENOSPC`); Node's own codes (`ERR_…`) are not among them. */
function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}

async function freeSpace(root: string): Promise<string> {
  try {
    return `${await freeBytes(root)} bytes`
  } catch {
    return 'an unknown number of bytes'
  }
}
