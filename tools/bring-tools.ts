import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type OutsideTool, outsideTools } from './outside-tools.ts'

/**
 * Installs what the live tests need where this is a matter of one command (Debian and Ubuntu, as root or with a
 * password-free sudo), and says what stays missing and how to get it.
 */
export function bringTools(): void {
  const packages = missingTools().flatMap(([, tool]) => tool.package ?? [])
  if (packages.length > 0 && existsSync('/etc/debian_version')) {
    install(packages)
  }
  for (const [name, { hint }] of missingTools()) {
    console.log(`missing: ${name}. The tests that need it are skipped. ${hint}`)
  }
}

function missingTools(): [string, OutsideTool][] {
  return Object.entries(outsideTools).filter(([, tool]) => !tool.isThere())
}

function install(packages: readonly string[]): void {
  console.log(`bringing ${packages.join(', ')} (apt-get)`)
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const [program = '', ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    const { status } = spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) {
      console.log(`apt-get ${args[0]} failed`)
    }
  }
}
