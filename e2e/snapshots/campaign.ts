/**
 * Ten thousand snapshots of a small shop under a writer that checkpoints at random: each must equal one committed state.
 * `npx node e2e/snapshots/campaign.ts [--count 10000]`. Ends with 1 when one does not.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readFingerprint } from '../../engine/src/sources/sqlite/read-fingerprint.ts'
import { takeSnapshot } from '../../engine/src/sources/sqlite/take-snapshot.ts'
import { openSqlite } from '../../engine/src/work/sqlite.ts'
import { makeBank, stateOfBank } from '../../tools/bank.ts'

const { values } = parseArgs({ options: { count: { type: 'string', default: '10000' } } })
const SQLITE = join(import.meta.dirname, '..', '..', 'engine', 'src', 'sources', 'sqlite')
const folder = mkdtempSync(join(tmpdir(), 'tillsafe-snapshots-'))
const file = join(folder, 'pos.db')
const target = join(folder, 'copy.db')

try {
  openBank()
  const writer = fork(join(SQLITE, 'busy-writer-child.ts'), [file, `${file}-ledger`], { execArgv: [] })
  await once(writer, 'message')
  const begun = performance.now()
  const states: string[] = []
  const ways = new Map<string, number>()
  const faults: string[] = []
  for (let n = 1; n <= Number(values.count); n += 1) {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(`${target}${suffix}`, { force: true })
    }
    const limits = { milliseconds: 60_000, walGrowthBytes: 1e12 }
    const result = await takeSnapshot({ kind: 'snapshot', database: file, target, limits }, async () => undefined)
    ways.set(result.way, (ways.get(result.way) ?? 0) + 1)
    using copy = openSqlite(target, 'read-only')
    if (copy.pragma('quick_check', { simple: true }) !== 'ok') {
      faults.push(`snapshot ${n}: the structure is damaged`)
    }
    if (JSON.stringify(readFingerprint(copy)) !== JSON.stringify(result.fingerprint)) {
      faults.push(`snapshot ${n}: the fingerprint differs`)
    }
    states.push(stateOfBank(copy))
  }
  const ended = once(writer, 'exit')
  writer.kill('SIGKILL')
  await ended
  const committed = readFileSync(`${file}-ledger`, 'utf8').split('\n')
  const known = new Set(committed)
  faults.push(...states.filter((state) => !known.has(state)).map((state) => `${state} was never committed`))
  console.log(
    `${states.length} snapshots (${new Set(states).size} different states) in ${((performance.now() - begun) / 1000).toFixed(0)} s while ${committed.length - 1} transactions were committed; ways: ${JSON.stringify(Object.fromEntries(ways))}; ${faults.length} faults`,
  )
  console.log(faults.slice(0, 20).join('\n'))
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function openBank(): void {
  using till = openSqlite(file, 'create')
  till.pragma('journal_mode = WAL')
  makeBank(till)
}
