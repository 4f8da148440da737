/**
 * In rollback-journal mode a reader blocks writers: how long is the longest step of a snapshot of a large database, and
 * does the snapshot end while a till sells? `npx node bench/rollback-steps.ts [--gigabytes 1] [--rounds 5] [--pause 10]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createShop as createTill, growDatabase, startSeller } from '@tillsafe/demo'
import { takeSnapshot } from '../engine/src/sources/sqlite/take-snapshot.ts'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    pause: { type: 'string', default: '10' },
    note: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
try {
  const till = await createTill({
    folder,
    seed: 1,
    days: 30,
    until: '2026-11-20',
    pictures: 0,
    journalMode: 'rollback',
  })
  await growDatabase(till.databaseFile, Number(values.gigabytes) * 1e9)
  await using seller = await startSeller({
    databaseFile: till.databaseFile,
    keyFile: till.keyFile,
    startAt: '2026-11-21T09:00:00+01:00',
    ticketsPerSecond: 1 / Number(values.pause),
  })
  const rounds: { stepMs: number; totalMs: number }[] = []
  for (let n = 0; n < Number(values.rounds); n += 1) {
    const target = join(folder, 'copy.db')
    const begun = performance.now()
    const limits = { milliseconds: 1e9, walGrowthBytes: 1e12 }
    const task = { kind: 'snapshot', database: till.databaseFile, target, limits } as const
    const result = await takeSnapshot(task, async () => undefined)
    rounds.push({ stepMs: result.pinnedMs, totalMs: performance.now() - begun })
    rmSync(target)
    console.log(
      `round ${n + 1}: longest step ${result.pinnedMs.toFixed(0)} ms, ${(rounds[n]?.totalMs ?? 0).toFixed(0)} ms in all`,
    )
  }
  const { sales } = await seller.statistics()
  const lines = [
    `${values.gigabytes} GB in rollback-journal mode, a ticket every ${values.pause} s: longest step of each snapshot, median ${median(rounds.map((round) => round.stepMs)).toFixed(0)} ms, worst ${Math.max(...rounds.map((round) => round.stepMs)).toFixed(0)} ms (goal: at most 50)`,
    `context: a snapshot took ${(median(rounds.map((round) => round.totalMs)) / 1000).toFixed(1)} s; the till's longest sale, waiting included, ${sales.longestMs.toFixed(0)} ms`,
  ]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('rollback-steps', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
