import { dirname } from 'node:path'
import { type ErrorCode, TillsafeError } from '../model/index.ts'
import { wordFreeBytes } from './disk-failure.ts'
import { firstError } from './first-error.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'destination.missing',
  ENOTDIR: 'destination.missing',
  EACCES: 'destination.denied',
  EPERM: 'destination.denied',
  EROFS: 'destination.denied',
  ENOSPC: 'destination.full',
  EDQUOT: 'destination.full',
}

/** Does work that writes where a person said; what the operating system then refuses is said of that path. */
export async function blamePath<R>(path: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (thrown) {
    const cause = firstError(thrown)
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (cause instanceof TillsafeError || !/^E[A-Z0-9]+$/.test(code)) {
      throw cause
    }
    const known = CODES[code] ?? 'destination.failed'
    const free = known === 'destination.full' ? `: ${await wordFreeBytes(dirname(path))}` : ''
    throw new TillsafeError(known, `nothing can be written to ${path} (${code})${free}`, {
      cause,
      hint: 'Check the path, the permissions, and that the disk is there.',
    })
  }
}
