import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { platform } from 'node:process'

const ROOT = join(import.meta.dirname, '..')
const PATH = `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`

/** Runs a program of the repository in its root, with its output shown. Whether it succeeded. */
export function run(program: string, ...args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH },
    stdio: 'inherit',
    shell: platform === 'win32', // there, programs of npm are scripts
  })
  if (error !== undefined) {
    console.error(`${program} could not be run: ${error.message}`)
  }
  return status === 0
}
