/**
 * A full backup into the store `archive` at level 1 (snapshot taken, ZIP written, synced, read back and opened again),
 * against the standard tools that pack and check the same file: `zip -1` + `unzip -t` + `sha256sum`.
 * `npx node bench/archive.ts [--gigabytes 1] [--rounds 5] [--alone] [--note]`; `--alone` measures memory and time
 * without the peer.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createShop as createTill, growDatabase } from '@tillsafe/demo'
import { createShop } from '@tillsafe/engine'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'
import { useStore } from './use-store.ts'
import { watchMemory } from './watch-memory.ts'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    alone: { type: 'boolean', default: false },
    note: { type: 'boolean', default: false },
  },
})

const MAIN = join(import.meta.dirname, '..', 'app', 'src', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
const home = join(folder, 'home')

try {
  const till = await createTill({ folder: join(folder, 'till'), seed: 1, days: 30, until: '2026-11-20', pictures: 0 })
  await growDatabase(till.databaseFile, Number(values.gigabytes) * 1e9)
  const source = { engine: 'sqlite', database: till.databaseFile } as const
  await createShop(home, { name: 'Bench', country: 'FR', timeZone: 'Europe/Paris', source })
  useStore(home, 'archive')

  const rounds: Round[] = []
  for (let n = 0; n < Number(values.rounds); n += 1) {
    const { ms: ours, memory, bytes } = await backUp()
    const peer = values.alone ? { ms: Number.NaN, bytes: Number.NaN } : runPeer(till.databaseFile)
    rounds.push({ ours, peer: peer.ms, memory, size: bytes / peer.bytes })
    const against = values.alone ? '' : ` against ${seconds(peer.ms)}, ratio ${(ours / peer.ms).toFixed(2)}`
    console.log(`round ${n + 1}: ${seconds(ours)}${against}, ${megabytes(memory)}`)
  }
  const what = `${values.gigabytes} GB, backup into an archive at level 1, synced, read back, opened again`
  const lines = [
    ...(values.alone ? [`${what}: ${seconds(middle(rounds, 'ours'))}`] : comparison(what, rounds)),
    `peak memory of all our processes together: ${megabytes(Math.max(...rounds.map((round) => round.memory)))} (goal: under 200 MB)`,
  ]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('archive', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Round {
  readonly ours: number
  readonly peer: number
  readonly memory: number
  /** Bytes of our ZIP for each of theirs. */
  readonly size: number
}

function comparison(what: string, rounds: readonly Round[]): string[] {
  const ratio = median(rounds.map((round) => round.ours / round.peer))
  return [
    `${what}: ratio to zip -1 + unzip -t + sha256sum ${ratio.toFixed(2)} (goal: at most 1.2), median of ${rounds.length} rounds`,
    `context: ${seconds(middle(rounds, 'ours'))} against ${seconds(middle(rounds, 'peer'))}; size of the ZIP ${middle(rounds, 'size').toFixed(2)} of theirs`,
  ]
}

async function backUp(): Promise<{ ms: number; memory: number; bytes: number }> {
  const begun = performance.now()
  const child = spawn(process.execPath, [MAIN, 'backup', '--home', home, '--json', '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const memory = watchMemory(child.pid ?? 0)
  const [code] = await once(child, 'exit')
  const ms = performance.now() - begun
  if (code !== 0) {
    throw new Error(`the backup failed with ${code}`)
  }
  const bytes = sizeOfArchive()
  rmSync(join(home, 'backups'), { recursive: true })
  mkdirSync(join(home, 'backups'))
  return { ms, memory: memory.stop(), bytes }
}

function sizeOfArchive(): number {
  const names = readdirSync(join(home, 'backups'), { recursive: true, encoding: 'utf8' })
  const archive = names.find((name) => name.endsWith('.zip'))
  if (archive === undefined) {
    throw new Error('the backup left no archive')
  }
  return statSync(join(home, 'backups', archive)).size
}

function runPeer(database: string): { ms: number; bytes: number } {
  const archive = join(folder, 'peer.zip')
  const begun = performance.now()
  const script = 'set -e; zip -1 -q -j "$2" "$1"; unzip -t -q "$2"; sha256sum "$1"'
  const { status } = spawnSync('sh', ['-c', script, 'sh', database, archive], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ms = performance.now() - begun
  if (status !== 0) {
    throw new Error('the peer failed')
  }
  const bytes = statSync(archive).size
  rmSync(archive)
  return { ms, bytes }
}

function middle(rounds: readonly Round[], figure: keyof Round): number {
  return median(rounds.map((round) => round[figure]))
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
