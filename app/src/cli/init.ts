import { existsSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createShop, type LookResult, type NewShop, type Shop } from '@tillsafe/engine'
import { isTimeZone, TillsafeError, type WorkspaceSettings } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { DATABASE_KEY_OPTION, lookAtDatabase } from './look-at-database.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordRecoveryKey } from './word-recovery-key.ts'
import { wordNumber, wordSize } from './wording.ts'

interface InitOptions {
  readonly name: string
  readonly country: string
  readonly database: string
  readonly databaseKeyFile?: string
  readonly images?: string
  readonly schemaMap?: string
  readonly destination?: string
  readonly timeZone?: string
  readonly tillStop?: string
  readonly tillStart?: string
}

/** `tillsafe init`: makes the home of a shop around a database that is already there. */
export function addInitCommand(program: Command, run: RunCommand): void {
  program
    .command('init')
    .description('Make a shop: its home folder, its identity, and a first destination')
    .requiredOption('--name <name>', 'the name of the shop')
    .requiredOption('--country <code>', 'its country, two letters')
    .requiredOption('--database <file>', "the till's SQLite database")
    .option(...DATABASE_KEY_OPTION)
    .option('--images <folder>', "the till's product images")
    .option('--schema-map <map>', 'what the tables mean: `reference`, or the file of a schema map')
    .option('--destination <folder>', 'where backups go (default: a folder in the home folder)')
    .option('--time-zone <zone>', "the shop's time zone (default: that of this machine)")
    .option('--till-stop <command>', 'how the till is stopped, as JSON: ["systemctl","stop","till"]')
    .option('--till-start <command>', 'how the till is started, as JSON')
    .addHelpText(
      'after',
      examples(
        'tillsafe init --name "Café du Port" --country FR --database /var/lib/till/pos.db --images /var/lib/till/images',
        'tillsafe init --name Bakery --country BE --database pos.db --destination /mnt/usb/backups',
        'tillsafe init --name Kiosk --country DE --database kiosk.db --home ./kiosk-safe --json',
      ),
    )
    .action(run(initialize))
}

async function initialize(frame: Frame, options: InitOptions): Promise<Answer> {
  const newShop = shopOf(options, frame)
  const { found, ...database } = await lookAtDatabase(options, frame)
  const shop = await make(frame.home, { ...newShop, ...database })
  return describeNewShop(shop, found)
}

/** Makes the shop, or leaves nothing behind. */
async function make(home: string, newShop: NewShop): Promise<Shop> {
  const isNewFolder = !existsSync(home)
  try {
    return await createShop(home, newShop)
  } catch (error) {
    if (isNewFolder) {
      await rmdir(home).catch(() => undefined) // it is not there, or somebody has put something into it
    }
    throw error
  }
}

/** What a new shop looks like, to a program and to a person. */
export function describeNewShop(shop: Shop, found: LookResult): Answer {
  const [destination] = shop.settings.destinations
  const workspace = shop.workspace()
  return {
    document: {
      shop: { id: shop.identity.id, ...shop.settings.shop },
      home: shop.home.path,
      workspace: { id: workspace.id, name: workspace.name, ...workspace.source },
      destination: { name: destination?.name, path: destination?.path },
      recoveryKey: { keptIn: shop.home.secrets, shownBy: 'tillsafe recovery show' },
      database: found,
    },
    words: [
      `The shop ${shop.settings.shop.name} is ready.`,
      `  Home      ${shop.home.path}`,
      `  Database  ${workspace.source.database} (${wordSize(found.bytes)}, ${wordNumber(found.tables, 'table')}, ${found.engineVersion})`,
      `  Backups   ${destination?.path}`,
      wordRecoveryKey(shop.secrets.recoveryKey),
      'Take the first backup now: tillsafe backup',
    ].join('\n'),
  }
}

function shopOf(options: InitOptions, { settings }: Frame): Omit<NewShop, 'source'> {
  const { name, country, schemaMap, destination, timeZone = settings.timeZone } = options
  const till = tillOf(options)
  requireSense(options, timeZone)
  return {
    name,
    country: country.toUpperCase(),
    timeZone,
    ...(schemaMap === undefined ? {} : { schemaMap: absoluteMap(schemaMap) }),
    ...(destination === undefined ? {} : { destination: resolve(destination) }),
    ...(till && { till }),
  }
}

function requireSense({ name, country }: InitOptions, timeZone: string): void {
  const wrong = [
    name.trim() === '' || name.length > 100 ? '--name is a name of 1 to 100 characters' : undefined,
    /^[a-z]{2}$/i.test(country) ? undefined : '--country is two letters, such as FR',
    isTimeZone(timeZone) ? undefined : `--time-zone ${timeZone} is not known; one looks like Europe/Paris`,
  ].find((sentence) => sentence !== undefined)
  if (wrong !== undefined) {
    throw new TillsafeError('usage.invalid', wrong)
  }
}

/** A schema map is known by the word `reference`, or by its file. */
export function absoluteMap(schemaMap: string): string {
  return schemaMap === 'reference' ? schemaMap : resolve(schemaMap)
}

function tillOf({ tillStop, tillStart }: InitOptions): WorkspaceSettings['till'] {
  const stop = commandOf('--till-stop', tillStop)
  const start = commandOf('--till-start', tillStart)
  return stop || start ? { ...(stop && { stop }), ...(start && { start }) } : undefined
}

function commandOf(option: string, text: string | undefined): string[] | undefined {
  if (text === undefined) {
    return undefined
  }
  try {
    const command: unknown = JSON.parse(text)
    if (Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string')) {
      return command
    }
  } catch {
    // said below
  }
  throw new TillsafeError('usage.invalid', `${option} is not a JSON array of words: ${text}`, {
    hint: `A program and its arguments, such as ${option} '["systemctl","stop","till"]'.`,
  })
}
