import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  createShop as createTill,
  hasTicket,
  type LastTicket,
  type MadeShop,
  startSeller,
  verifyShop,
} from '@tillsafe/demo'
import { BackupCenter, createShop, lookAt, quietJob, systemClock } from '@tillsafe/engine'
import { type Backup, type Label, shopDay } from '@tillsafe/engine/model'
import type { StoryReport } from './story-report.ts'

export interface StoryOptions {
  /** An empty folder for the till and its Tillsafe. */
  readonly folder: string
  /** Days of sales before today. */
  readonly days: number
  readonly version: string
  say(line: string): void
}

const TIME_ZONE = 'Europe/Paris'
const TICKETS_PER_SECOND = 20
const IDLE_MS = 3000
const DAY_MS = 86_400_000

/** Plays the main job from beginning to end, on real data, and tells what came of it. */
export async function playStory(options: StoryOptions): Promise<StoryReport> {
  const { folder, say } = options
  const { ticks } = systemClock
  const began = ticks()
  say(`Making a demo shop with ${options.days} days of sales …`)
  const till = await makeTill(options)
  const madeMs = ticks() - began

  say('Backing it up while it sells …')
  const home = join(folder, 'tillsafe')
  await createShop(home, {
    name: 'Café du Port',
    country: 'FR',
    timeZone: TIME_ZONE,
    source: { engine: 'sqlite', database: till.databaseFile, images: till.imagesFolder },
    schemaMap: 'reference',
  })
  await using center = await BackupCenter.open(home, { version: options.version })
  const sold = await backUpWhileSelling(center, till)

  say('Verifying every byte …')
  const verified = await center.verify(sold.backup.label.id).result

  say('The disk dies: database and images are deleted …')
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${till.databaseFile}${suffix}`, { force: true })
  }
  rmSync(till.imagesFolder, { recursive: true, force: true })

  say('Restoring …')
  const begunAt = ticks()
  const plan = await center.planRestore(sold.backup.label.id)
  await center.restore(plan, { confirm: plan.confirmation, reason: 'machine-changed' }).result
  const restoredMs = ticks() - begunAt

  say('Comparing …')
  const after = await center.backUp().result
  const differences = [
    ...verified.problems,
    ...compare(sold.backup.label, after.backup.label),
    ...missing(sold.promised, till),
    ...verifyShop(till.databaseFile, till.keyFile).map((finding) => `${finding.message} (${finding.where})`),
  ]
  return { days: options.days, madeMs, ...sold, restoredMs, after: after.backup.label, differences }
}

async function makeTill({ folder, days, say }: StoryOptions): Promise<MadeShop> {
  const yesterday = new Date(Date.parse(systemClock.now()) - DAY_MS).toISOString()
  return createTill({
    folder: join(folder, 'till'),
    seed: 1,
    days,
    until: shopDay(yesterday, TIME_ZONE),
    timeZone: TIME_ZONE,
    onProgress: ({ day, daysDone }) => {
      if (daysDone % 60 === 0) {
        say(`  … ${day}`)
      }
    },
  })
}

interface Sold {
  readonly backup: Backup
  readonly backupMs: number
  readonly idleLongestMs: number
  readonly busyLongestMs: number
  readonly journalMode: string
  /** The last ticket of each register whose sale was complete before the backup began. */
  readonly promised: readonly LastTicket[]
  /** Tickets sold after the backup's moment, and so not in it. */
  readonly soldLater: number
}

/** The till sells before, during and after; what it had sold before must be in the backup. */
async function backUpWhileSelling(center: BackupCenter, till: MadeShop): Promise<Sold> {
  const { journalMode } = await lookAt(till.databaseFile, quietJob(systemClock))
  await using seller = await startSeller({
    databaseFile: till.databaseFile,
    keyFile: till.keyFile,
    startAt: systemClock.now(),
    timeZone: TIME_ZONE,
    ticketsPerSecond: TICKETS_PER_SECOND,
    synchronous: 'FULL',
  })
  await setTimeout(IDLE_MS)
  const idle = await seller.measureAfresh()
  const begun = systemClock.ticks()
  const { backup } = await center.backUp().result
  const backupMs = systemClock.ticks() - begun
  const busy = await seller.statistics()
  const { tickets } = await seller.stop()
  return {
    backup,
    backupMs,
    idleLongestMs: idle.commits.longestMs,
    busyLongestMs: busy.commits.longestMs,
    journalMode,
    promised: idle.lastTickets,
    soldLater: till.tickets + tickets - (backup.label.counters['tickets'] ?? 0),
  }
}

/** What differs between the backup and a backup of what was restored: bytes, counts, images. */
function compare(before: Label, after: Label): string[] {
  const pairs = [
    ['the database', before.database.sha256, after.database.sha256],
    ['the images', before.images?.list, after.images?.list],
    ['the counters', JSON.stringify(before.counters), JSON.stringify(after.counters)],
  ] as const
  return pairs
    .filter(([, was, is]) => was !== is)
    .map(([what, was, is]) => `${what} came back different: ${was}, now ${is}`)
}

function missing(promised: readonly LastTicket[], till: MadeShop): string[] {
  return promised
    .filter((ticket) => !hasTicket(till.databaseFile, ticket))
    .map((ticket) => `ticket ${ticket.seq} of register ${ticket.register} was sold before the backup and is missing`)
}
