/**
 * A full backup into `copies`, synced, read back and checked, against the standard tools that do the same:
 * `sqlite3 .backup` + `sha256sum` + `integrity_check`. `npx node bench/backup.ts [--gigabytes 1] [--rounds 5] [--alone] [--note]`; `--alone` measures memory and time
 * without the peer.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createShop as createTill, growDatabase } from '@tillsafe/demo'
import { createShop } from '@tillsafe/engine'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'
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

  const rounds: { ours: number; peer: number; memory: number }[] = []
  for (let n = 0; n < Number(values.rounds); n += 1) {
    const { ms: ours, memory } = await backUp()
    const peer = values.alone ? Number.NaN : runPeer(till.databaseFile)
    rounds.push({ ours, peer, memory })
    console.log(
      `round ${n + 1}: ${seconds(ours)}${values.alone ? '' : ` against ${seconds(peer)}, ratio ${(ours / peer).toFixed(2)}`}, ${megabytes(memory)}`,
    )
  }
  const comparison = [
    `${values.gigabytes} GB, backup into copies, synced, read back, checked: ratio to sqlite3 .backup + sha256sum + integrity_check ${median(rounds.map((round) => round.ours / round.peer)).toFixed(2)} (goal: at most 1.0), median of ${rounds.length} rounds`,
    `context: ${seconds(median(rounds.map((round) => round.ours)))} against ${seconds(median(rounds.map((round) => round.peer)))}`,
  ]
  const lines = [
    ...(values.alone
      ? [
          `${values.gigabytes} GB, backup into copies, synced, read back, checked: ${seconds(median(rounds.map((round) => round.ours)))}`,
        ]
      : comparison),
    `peak memory of all our processes together: ${megabytes(Math.max(...rounds.map((round) => round.memory)))} (goal: under 200 MB)`,
  ]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('backup', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function backUp(): Promise<{ ms: number; memory: number }> {
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
  rmSync(join(home, 'backups'), { recursive: true })
  spawnSync('mkdir', [join(home, 'backups')])
  return { ms, memory: memory.stop() }
}

function runPeer(database: string): number {
  const copy = join(folder, 'peer.db')
  const begun = performance.now()
  const script = `set -e; sqlite3 "$1" ".backup '$2'"; sha256sum "$2"; test "$(sqlite3 "$2" 'PRAGMA integrity_check')" = ok`
  const { status } = spawnSync('sh', ['-c', script, 'sh', database, copy], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ms = performance.now() - begun
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${copy}${suffix}`, { force: true })
  }
  if (status !== 0) {
    throw new Error('the peer failed')
  }
  return ms
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
