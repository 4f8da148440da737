import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createShop, Home, lookAt, systemClock } from '@tillsafe/engine'
import { shopDay, TillsafeError } from '@tillsafe/engine/model'
import { type Command, InvalidArgumentError } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { describeNewShop } from './init.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordCount } from './wording.ts'

interface DemoOptions {
  readonly days: number
  readonly seed: number
}

const NAME = 'Café du Port'
const TIME_ZONE = 'Europe/Paris'
const DAY_MS = 86_400_000
const NOTED_SHARE = 10

/** `tillsafe demo`: a shop to try things on, with a till that has been selling. */
export function addDemoCommand(program: Command, run: RunCommand): void {
  program
    .command('demo')
    .description('Make a demo shop in the home folder, with a year of sales unless told otherwise')
    .option('--days <number>', 'days of sales, ending yesterday', positive, 365)
    .option('--seed <number>', 'the same seed makes the same sales', positive, 1)
    .addHelpText(
      'after',
      examples('tillsafe demo --home ./demo-shop', 'tillsafe demo --home ./demo-shop --days 30 --seed 7 --json'),
    )
    .action(run(makeDemo))
}

async function makeDemo(frame: Frame, options: DemoOptions): Promise<Answer> {
  const home = new Home(frame.home)
  const folder = join(frame.home, 'till')
  const taken = [home.settings, folder].find((path) => existsSync(path))
  if (taken !== undefined) {
    throw new TillsafeError('home.exists', `there is a shop in ${frame.home} already: ${taken}`)
  }
  try {
    return await makeShop(folder, options, frame)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function makeShop(folder: string, { days, seed }: DemoOptions, frame: Frame): Promise<Answer> {
  // Loaded when it is wanted: it is large, and brings a native part that no backup needs.
  const { createShop: makeTill } = await import('@tillsafe/demo')
  const till = await frame.watch(({ signal }) =>
    makeTill({ folder, seed, days, until: yesterday(), timeZone: TIME_ZONE, signal, onProgress: notesOn(frame) }),
  )
  const source = { engine: 'sqlite', database: till.databaseFile, images: till.imagesFolder } as const
  const found = await frame.watch((job) => lookAt(till.databaseFile, job))
  const shop = await createShop(frame.home, {
    name: NAME,
    country: 'FR',
    timeZone: TIME_ZONE,
    source,
    schemaMap: 'reference',
  })
  const { document, words } = describeNewShop(shop, found)
  return {
    document: { ...document, till: { folder, tickets: till.tickets, images: till.images } },
    words: `${wordCount(till.tickets)} tickets were sold in ${days} days.\n${words}`,
  }
}

/** A sentence each time when another tenth of the days is done. */
function notesOn(frame: Frame): (progress: { daysDone: number; days: number }) => void {
  let noted = 0
  return ({ daysDone, days }) => {
    const share = Math.floor((daysDone * NOTED_SHARE) / days)
    if (share > noted) {
      noted = share
      frame.voice.note(`Selling: ${daysDone} of ${days} days`)
    }
  }
}

function yesterday(): string {
  const aDayAgo = new Date(Date.parse(systemClock.now()) - DAY_MS)
  return shopDay(aDayAgo.toISOString(), TIME_ZONE)
}

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('A whole number from 1 on is needed.')
  }
  return number
}
