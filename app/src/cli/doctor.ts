import { type Overview, overview, type Shop, systemClock } from '@tillsafe/engine'
import { failureOf } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { backupDocument } from './backup-document.ts'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { needsOf } from './needs-of.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { type Wording, wordCount, wordNumber, wordSize } from './wording.ts'

/** `tillsafe doctor`: how the shop's data is, and what needs a person. */
export function addDoctorCommand(program: Command, run: RunCommand): void {
  program
    .command('doctor')
    .description('Say how the data and its backups are, and what needs a person (then it ends with 1)')
    .addHelpText(
      'after',
      examples('tillsafe doctor', 'tillsafe doctor --workspace bakery', 'tillsafe doctor --json || alert-someone'),
    )
    .action(run(examine))
}

async function examine(frame: Frame): Promise<Answer> {
  const shop = await frame.openShop()
  const before = await lookAtAll(shop, frame)
  const isCut = before.some(({ unfinishedRestores }) => unfinishedRestores > 0)
  const recovery = isCut ? await finishWhatWasCut(frame) : []
  const overviews = isCut ? await lookAtAll(shop, frame) : before
  const needs = [...recovery, ...overviews.flatMap((one) => needsOf(one, systemClock.now()))]
  return {
    document: { shop: { id: shop.identity.id, ...shop.settings.shop }, needs, workspaces: overviews.map(documentOf) },
    words: wordsOf(shop, overviews, needs, frame.wording(shop)),
    ...(needs.length > 0 ? { exitCode: 1 as const } : {}),
  }
}

function documentOf({ lastGood, ...rest }: Overview): object {
  return { ...rest, lastGood: lastGood === undefined ? null : backupDocument(lastGood) }
}

async function lookAtAll(shop: Shop, frame: Frame): Promise<Overview[]> {
  const workspaces = frame.workspace === undefined ? shop.settings.workspaces : [shop.workspace(frame.workspace)]
  const overviews: Overview[] = []
  for (const { id } of workspaces) {
    overviews.push(await frame.watch((job) => overview(shop, id, job)))
  }
  return overviews
}

/** Opening the center finishes or takes back what was cut. Says why when it can't. */
async function finishWhatWasCut(frame: Frame): Promise<string[]> {
  try {
    await frame.withCenter(async () => undefined)
    return []
  } catch (error) {
    return [failureOf(error).message]
  }
}

function wordsOf(shop: Shop, overviews: readonly Overview[], needs: readonly string[], wording: Wording): string {
  return [
    `${shop.settings.shop.name} (${shop.home.path})`,
    ...overviews.map((one) => wordOverview(one, wording)),
    needs.length === 0 ? 'All is well.' : ['This needs a person:', ...needs.map((need) => `  - ${need}`)].join('\n'),
  ].join('\n\n')
}

function wordOverview(one: Overview, wording: Wording): string {
  const { workspace, state, database, lastGood, backups, counters, countersFrom, fiscalPeriod, destinations } = one
  const counts = Object.entries(counters).map(([name, count]) => `${wordCount(count)} ${COUNTERS[name] ?? name}`)
  return [
    `Workspace ${workspace}: the database is ${state}`,
    lastGood === undefined
      ? '  There is no good backup yet.'
      : `  Last good backup: ${wording.time(lastGood.label.takenAt)}, one of ${backups}. Take one before any intervention: tillsafe backup`,
    ...(database
      ? [
          `  Database: ${wordSize(database.bytes)}, ${wordNumber(database.tables, 'table')}, journal mode ${database.journalMode}, ${database.engineVersion}`,
        ]
      : []),
    ...(counts.length > 0
      ? [`  ${counts.join(', ')}${countersFrom === 'database' ? '' : ' (at the last backup)'}`]
      : []),
    ...(fiscalPeriod ? [`  Fiscal period: ${fiscalPeriod.from} to ${fiscalPeriod.to}`] : []),
    ...destinations.map(({ name, path, freeBytes }) =>
      freeBytes === undefined
        ? `  Destination ${name}: NOT REACHED, ${path}`
        : `  Destination ${name}: ${wordSize(freeBytes)} free, ${path}`,
    ),
  ].join('\n')
}

const COUNTERS: Readonly<Record<string, string>> = {
  tickets: 'tickets',
  closures: 'Z closures',
  auditEntries: 'audit entries',
  orders: 'orders',
  sessions: 'POS sessions',
}
