/**
 * `node e2e/archives/corpora.ts [FOLDER...]`: reads every ZIP of public test data, each in a process of its own behind
 * walls, and prints what came of it. Without folders, the test data of Go and Python are fetched from Debian.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { judgeZips, MOST_BYTES, MOST_MILLISECONDS } from './judge-zips.ts'
import type { ZipVerdict } from './zip-child.ts'

const PACKAGES = ['golang-1.19-src', 'libpython3.11-testsuite']
const PATTERNS = ['**/*.{zip,jar,whl,egg}', '**/archive/zip/testdata/*']

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'tillsafe-corpora-')))
const folders = process.argv.length > 2 ? process.argv.slice(2).map((path) => realpathSync(path)) : [fetched(temporary)]
let problems = 0
let count = 0
for (const folder of folders) {
  for (const path of new Set(
    globSync(PATTERNS, { cwd: folder })
      .sort()
      .map((name) => join(folder, name)),
  )) {
    if (statSync(path).isFile()) {
      count++
      await tell(relative(folder, path), path)
    }
  }
}
rmSync(temporary, { recursive: true })
console.log(`\n${count} files, ${problems} problems`)
process.exitCode = problems === 0 ? 0 : 1

async function tell(name: string, path: string): Promise<void> {
  const [found] = await judgeZips([path]).catch((error: Error) => [crashed(error)])
  const { verdict, milliseconds, memoryBytes, message } = found ?? crashed(new Error('no answer'))
  const isProblem =
    !['archive.damaged', 'archive.unsafe', 'read'].includes(verdict) ||
    milliseconds > MOST_MILLISECONDS ||
    memoryBytes > MOST_BYTES
  problems += isProblem ? 1 : 0
  const cost = `${Math.round(milliseconds)} ms ${Math.round(memoryBytes / 2 ** 20)} MiB`
  console.log(`${isProblem ? 'PROBLEM ' : ''}${basename(name).padEnd(40)} ${verdict.padEnd(16)} ${cost} ${message}`)
}

function crashed(error: Error): ZipVerdict {
  return { verdict: 'crashed', message: error.message, milliseconds: 0, bytes: 0, memoryBytes: 0 }
}

function fetched(folder: string): string {
  for (const [program, ...args] of [
    ['apt-get', 'download', ...PACKAGES],
    ['sh', '-c', 'for package in *.deb; do dpkg -x "$package" unpacked; done'],
  ] as const) {
    const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) {
      throw new Error(`${program} failed: ${stderr}`)
    }
  }
  return join(folder, 'unpacked')
}
