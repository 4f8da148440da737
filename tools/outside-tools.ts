import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
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
  | 'gcc'
  | 'C headers'
  | 'mkfs.ext4'
  | 'mkfs.xfs'
  | 'perl'
  | 'sqlcipher'
  | 'unzip'
  | 'age'
  | 'script'
  | 'openssl'
  | 'sqlite3'
  | 'restic'
  | 'poppler'
  | 'zbarimg'
  | 'borg'
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
  gcc: { isThere: () => succeeds('gcc', '--version'), package: 'gcc', hint: 'Linux only: install gcc.' },
  'C headers': {
    isThere: () => existsSync('/usr/include/stdio.h'),
    package: 'libc6-dev',
    hint: 'Linux only: install the development files of the C library.',
  },
  'mkfs.xfs': {
    isThere: () => succeeds('mkfs.xfs', '-V'),
    package: 'xfsprogs',
    hint: 'Linux only: install xfsprogs with the package manager.',
  },
  unzip: { isThere: () => succeeds('unzip', '-v'), package: 'unzip', hint: 'Install unzip.' },
  age: {
    isThere: () => succeeds('age', '--version'),
    package: 'age',
    hint: 'Install age: https://age-encryption.org.',
  },
  script: {
    isThere: () => succeeds('script', '--version'),
    package: 'bsdutils',
    hint: 'Linux only: it gives a program a terminal, and is part of util-linux.',
  },
  openssl: { isThere: () => succeeds('openssl', 'version'), package: 'openssl', hint: 'Install openssl.' },
  sqlite3: { isThere: () => succeeds('sqlite3', '--version'), package: 'sqlite3', hint: 'Install sqlite3.' },
  poppler: {
    isThere: () => succeeds('pdftotext', '-v') && succeeds('pdftoppm', '-v'),
    package: 'poppler-utils',
    hint: 'Install poppler-utils: pdftotext and pdftoppm.',
  },
  zbarimg: {
    isThere: () => succeeds('zbarimg', '--version'),
    package: 'zbar-tools',
    hint: 'Install zbar-tools: it reads QR codes.',
  },
  restic: {
    isThere: () => succeeds('restic', 'version'),
    package: 'restic',
    hint: 'Install restic: https://restic.net.',
  },
  borg: {
    isThere: () => succeeds('borg', '--version'),
    package: 'borgbackup',
    hint: 'Install borgbackup: https://www.borgbackup.org.',
  },
  sqlcipher: {
    isThere: () => succeeds('sqlcipher', '-version'),
    package: 'sqlcipher',
    hint: 'Install sqlcipher with the package manager.',
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
