import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleDatabase, sampleNames } from './sample-databases.ts'

/** What some tests need of the machine, beside Node. */
export interface OutsideTool {
  isThere(): boolean
  /** The Debian package that brings it; none for a right, which nobody can install. */
  readonly package?: string
  /** How a person gets it on another machine. */
  readonly hint: string
}

export type OutsideToolName =
  | 'sample databases'
  | 'strace'
  | 'tracing'
  | 'mkfs.ext4'
  | 'perl'
  | 'root mount'
  | 'loop mount'

export const outsideTools: Readonly<Record<OutsideToolName, OutsideTool>> = {
  strace: {
    isThere: () => succeeds('strace', '-V'),
    package: 'strace',
    hint: 'Linux only: install strace with the package manager.',
  },
  tracing: {
    isThere: () => succeeds('strace', '-qq', '-o', '/dev/null', 'true'),
    hint: 'Linux only: allow ptrace (in a container, the capability SYS_PTRACE).',
  },
  'mkfs.ext4': {
    isThere: () => succeeds('mkfs.ext4', '-V'),
    package: 'e2fsprogs',
    hint: 'Linux only: install e2fsprogs with the package manager.',
  },
  perl: { isThere: () => succeeds('perl', '-v'), package: 'perl-base', hint: 'Install perl.' },
  'sample databases': {
    isThere: () => sampleNames.every((name) => sampleDatabase(name) !== undefined),
    hint: 'They are downloaded from the npm registry, which could not be reached.',
  },
  'root mount': {
    isThere: () => canMount('-t', 'tmpfs', 'tmpfs'),
    hint: 'Linux only: run the tests as root, where mounting is allowed.',
  },
  'loop mount': {
    isThere: () => canMount('-t', 'tmpfs', 'tmpfs') && succeeds('losetup', '--find'),
    hint: 'Linux only: run the tests as root, where loop devices may be used.',
  },
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', env: { ...process.env, PATH: SYSTEM_PATH } }).status === 0
}

/** Some systems keep the programs of the administrator out of the path. */
const SYSTEM_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

function canMount(...args: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-mount-'))
  try {
    return succeeds('mount', ...args, folder) && succeeds('umount', folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
