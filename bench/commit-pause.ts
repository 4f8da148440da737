/**
 * How long a till waits while it is backed up: the longest commit during a backup of a large database, against the same
 * till beside an idle center. `node bench/commit-pause.ts [--gigabytes 1] [--rounds 5] [--tickets-per-second 10] [--store copies|vault] [--note]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createShop as createTill, growDatabase, type SellerStatistics, startSeller } from '@tillsafe/demo'
import { BackupCenter, createShop } from '@tillsafe/engine'
import { median } from './median.ts'
import { noteResults } from './note-results.ts'
import { useStore } from './use-store.ts'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    'tickets-per-second': { type: 'string', default: '10' },
    store: { type: 'string', default: 'copies' },
    synchronous: { type: 'string', default: 'FULL' },
    note: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bench-'))
try {
  const till = await createTill({ folder: join(folder, 'till'), seed: 1, days: 30, until: '2026-11-20', pictures: 0 })
  await growDatabase(till.databaseFile, Number(values.gigabytes) * 1e9)
  const home = join(folder, 'home')
  await createShop(home, {
    name: 'Bench',
    country: 'FR',
    timeZone: 'Europe/Paris',
    source: { engine: 'sqlite', database: till.databaseFile },
  })
  useStore(home, values.store)
  await using center = await BackupCenter.open(home, { version: 'bench' })
  await using seller = await startSeller({
    databaseFile: till.databaseFile,
    keyFile: till.keyFile,
    startAt: '2026-11-21T09:00:00+01:00',
    ticketsPerSecond: Number(values['tickets-per-second']),
    synchronous: values.synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
  })
  await setTimeout(3000)
  const rounds: { idle: SellerStatistics; busy: SellerStatistics; backupMs: number }[] = []
  for (let n = 0; n < Number(values.rounds); n += 1) {
    await seller.measureAfresh()
    const begun = performance.now()
    const { backup } = await center.backUp().result
    const backupMs = performance.now() - begun
    const busy = await seller.measureAfresh()
    for (const place of values.store === 'copies' ? backup.places : []) {
      rmSync(join(home, 'backups', place.key))
      rmSync(join(home, 'backups', `${place.key}.json`))
    }
    await setTimeout(5000) // freeing a large file makes the disk busy for a while
    await seller.measureAfresh()
    await setTimeout(backupMs)
    const idle = await seller.measureAfresh()
    rounds.push({ idle, busy, backupMs })
    console.log(
      `round ${n + 1}: longest commit ${busy.commits.longestMs.toFixed(1)} ms (p99 ${busy.commits.p99Ms.toFixed(1)}) during a backup of ${(backupMs / 1000).toFixed(1)} s, ${idle.commits.longestMs.toFixed(1)} ms (p99 ${idle.commits.p99Ms.toFixed(1)}) idle; sales ${busy.sales.longestMs.toFixed(1)} / ${idle.sales.longestMs.toFixed(1)}`,
    )
  }
  const busy = median(rounds.map((round) => round.busy.commits.longestMs))
  const idle = median(rounds.map((round) => round.idle.commits.longestMs))
  const lines = [
    `longest commit, median of ${rounds.length} rounds: ${busy.toFixed(1)} ms during a backup, ${idle.toFixed(1)} ms idle; ratio ${(busy / idle).toFixed(2)} (goal: at most 2)`,
    `store ${values.store}, synchronous ${values.synchronous}, ${values.gigabytes} GB, WAL, ${values['tickets-per-second']} tickets a second, each a transaction of some 30 pages`,
  ]
  console.log(lines.join('\n'))
  if (values.note) {
    noteResults('commit-pause', lines)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
