import { addWorkspace, changeDatabaseKey, removeWorkspace } from '@tillsafe/engine'
import { TillsafeError, type WorkspaceSettings } from '@tillsafe/engine/model'
import { type Command, Option } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { absoluteMap } from './init.ts'
import { DATABASE_KEY_OPTION, lookAtDatabase, openDatabase } from './look-at-database.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordTable } from './wording.ts'

interface AddOptions {
  readonly name: string
  readonly database: string
  readonly databaseKeyFile?: string
  readonly images?: string
  readonly kind: WorkspaceSettings['kind']
  readonly schemaMap?: string
}

/** `tillsafe workspace`: the databases that a shop keeps safe. */
export function addWorkspaceCommand(program: Command, run: RunCommand): void {
  const workspace = program.command('workspace').description('The databases that this shop keeps safe')
  workspace
    .command('add')
    .description('Keep another database safe; its backups go where those of the first workspace go')
    .requiredOption('--name <name>', 'the name of the workspace')
    .requiredOption('--database <file>', 'its SQLite database')
    .option(...DATABASE_KEY_OPTION)
    .option('--images <folder>', 'its images')
    .addOption(
      new Option('--kind <kind>', 'a business, or a database that is none')
        .choices(['business', 'other'])
        .default('business'),
    )
    .option('--schema-map <map>', 'what the tables mean: `reference`, or the file of a schema map')
    .addHelpText(
      'after',
      examples(
        'tillsafe workspace add --name Bakery --database /srv/bakery/pos.db',
        'tillsafe workspace add --name "My accounts" --kind other --database accounts.db',
      ),
    )
    .action(run(add))
  workspace
    .command('list')
    .description('List the workspaces')
    .addHelpText('after', examples('tillsafe workspace list', 'tillsafe workspace list --json'))
    .action(run(list))
  workspace
    .command('key')
    .argument('<id>', 'the id or the name of the workspace')
    .description('Note the new key of a database whose till has changed it; older backups keep theirs')
    .requiredOption(...DATABASE_KEY_OPTION)
    .addHelpText(
      'after',
      examples(
        'tillsafe workspace key bakery --database-key-file /root/new-key',
        'tillsafe workspace key bakery --database-key-file /dev/stdin --json',
      ),
    )
    .action(run(changeKey))
  workspace
    .command('remove')
    .argument('<id>', 'the id or the name of the workspace')
    .description('Keep a workspace no longer; its backups stay where they are')
    .addHelpText('after', examples('tillsafe workspace remove bakery', 'tillsafe workspace remove bakery --json'))
    .action(run(remove))
}

async function add(frame: Frame, { name, kind, schemaMap, ...paths }: AddOptions): Promise<Answer> {
  const shop = await frame.openShop()
  const { source, databaseKey } = await lookAtDatabase(paths, frame)
  const map = schemaMap === undefined ? {} : { schemaMap: absoluteMap(schemaMap) }
  const workspace = await addWorkspace(shop, { name, kind, source, ...(databaseKey && { databaseKey }), ...map })
  return {
    document: { workspace: documentOf(workspace) },
    words: `The workspace ${workspace.id} is kept safe from now on: tillsafe backup --workspace ${workspace.id}`,
  }
}

/** The key is stored once it has opened the database. */
async function changeKey(
  frame: Frame,
  name: string,
  { databaseKeyFile }: { databaseKeyFile: string },
): Promise<Answer> {
  const shop = await frame.openShop()
  const { id, source } = shop.workspace(name)
  const { databaseKey, found } = await openDatabase(source.database, await readSecretFile(databaseKeyFile), frame)
  if (databaseKey === undefined) {
    throw new TillsafeError('source.not-encrypted', `${source.database} is not encrypted`)
  }
  const workspace = await changeDatabaseKey(shop, id, databaseKey)
  return {
    document: { workspace: documentOf(workspace), database: found },
    words: `The new key opens the database of ${id}, and is kept. The earlier ones stay, for the backups of their time.`,
  }
}

async function list(frame: Frame): Promise<Answer> {
  const { workspaces } = (await frame.openShop()).settings
  return {
    document: { workspaces: workspaces.map(documentOf) },
    words: wordTable([
      ['ID', 'NAME', 'KIND', 'DATABASE'],
      ...workspaces.map(({ id, name, kind, source }) => [id, name, kind, source.database]),
    ]),
  }
}

async function remove(frame: Frame, name: string): Promise<Answer> {
  const shop = await frame.openShop()
  const { id } = shop.workspace(name)
  await removeWorkspace(shop, id)
  return { document: { removed: { id } }, words: `The workspace ${id} is removed; its backups stay where they are.` }
}

function documentOf({ id, name, kind, source, schemaMap, copies }: WorkspaceSettings): object {
  return {
    id,
    name,
    kind,
    ...source,
    ...(schemaMap === undefined ? {} : { schemaMap }),
    destinations: copies.map((copy) => copy.destination),
  }
}
