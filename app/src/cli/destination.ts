import { resolve } from 'node:path'
import { addDestination, removeDestination } from '@tillsafe/engine'
import type { DestinationSettings, ShopSettings, StoreKind } from '@tillsafe/engine/model'
import { type Command, Option } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordTable } from './wording.ts'

interface AddOptions {
  readonly path: string
  readonly store: StoreKind
}

/** `tillsafe destination`: the places where the backups of this shop are kept. */
export function addDestinationCommand(program: Command, run: RunCommand): void {
  const destination = program.command('destination').description('The places where backups are kept')
  destination
    .command('add')
    .argument('<name>', 'a name for it: lower-case letters, digits, dashes')
    .description('Keep backups in another place too; with --workspace only those of one workspace')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['local']).default('local'))
    .requiredOption('--path <folder>', 'a folder on this machine, or on a mounted disk')
    .addOption(
      new Option(
        '--store <store>',
        'plain files in folders of tiers, one signed ZIP for each backup, or a vault (encrypted, only what has changed)',
      )
        .choices(['copies', 'archive', 'vault'])
        .default('copies'),
    )
    .addHelpText(
      'after',
      examples(
        'tillsafe destination add usb --path /mnt/usb/backups',
        'tillsafe destination add zips --path /mnt/nas/shop --store archive --workspace bakery',
        'tillsafe destination add safe --path /mnt/nas/safe --store vault',
      ),
    )
    .action(run(add))
  destination
    .command('list')
    .description('List the destinations, and which workspaces keep backups there')
    .addHelpText('after', examples('tillsafe destination list', 'tillsafe destination list --json'))
    .action(run(list))
  destination
    .command('remove')
    .argument('<name>', 'the name of the destination')
    .description('Keep no more backups there; those that lie there stay')
    .addHelpText('after', examples('tillsafe destination remove usb', 'tillsafe destination remove usb --json'))
    .action(run(remove))
}

async function add(frame: Frame, name: string, { path, store }: AddOptions): Promise<Answer> {
  const workspaces = frame.workspace === undefined ? [] : [frame.workspace]
  const shop = await frame.openShop()
  const destination = await addDestination(shop, { name, path: resolve(path), store, workspaces })
  return {
    document: { destination: { ...destination, store } },
    words: `Backups go to ${destination.path} too, from the next one on: tillsafe backup`,
  }
}

async function list(frame: Frame): Promise<Answer> {
  const { settings } = await frame.openShop()
  const destinations = settings.destinations.map((destination) => ({
    ...destination,
    copies: usesOf(destination, settings),
  }))
  return {
    document: { destinations },
    words: wordTable([
      ['NAME', 'KIND', 'PATH', 'KEEPS'],
      ...destinations.map(({ name, kind, path, copies }) => [
        name,
        kind,
        path,
        copies.map(({ workspace, store }) => `${workspace} (${store})`).join(', '),
      ]),
    ]),
  }
}

async function remove(frame: Frame, name: string): Promise<Answer> {
  await removeDestination(await frame.openShop(), name)
  return { document: { removed: { name } }, words: `Backups go to ${name} no longer; those that lie there stay.` }
}

function usesOf(
  { name }: DestinationSettings,
  { workspaces }: ShopSettings,
): { workspace: string; store: StoreKind }[] {
  return workspaces.flatMap(({ id, copies }) =>
    copies.filter((copy) => copy.destination === name).map(({ store }) => ({ workspace: id, store })),
  )
}
