import { resolve } from 'node:path'
import { type Adoption, adoptShop, systemClock } from '@tillsafe/engine'
import type { Backup } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { backupDocument } from './backup-document.ts'
import { examples } from './examples.ts'
import { findEverywhere } from './find-everywhere.ts'
import type { Frame } from './frame.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, type Wording, wordNumber } from './wording.ts'

interface AdoptOptions {
  readonly recoveryKeyFile: string
  readonly database?: string
  readonly images?: string
}

/** `tillsafe adopt`: a new machine becomes the shop whose backups lie in a folder. */
export function addAdoptCommand(program: Command, run: RunCommand): void {
  program
    .command('adopt')
    .argument('<destination>', 'the folder that holds the backups and recovery.age')
    .description('Make this machine the shop whose backups lie in a folder; then restore one of them')
    .requiredOption('--recovery-key-file <file>', 'its first line is the recovery key, as it stands on paper')
    .option('--database <file>', "where the till's database shall be (default: where it was)")
    .option('--images <folder>', 'where the images shall be (default: where they were)')
    .addHelpText(
      'after',
      examples(
        'tillsafe adopt /mnt/usb/backups --recovery-key-file key.txt',
        'tillsafe adopt /mnt/usb/backups --recovery-key-file key.txt --database /srv/till/pos.db --json',
      ),
    )
    .action(run(adopt))
}

async function adopt(frame: Frame, destination: string, options: AdoptOptions): Promise<Answer> {
  const adopted = await adoptShop(frame.home, await adoptionOf(destination, options, frame), systemClock)
  const { shop, from, writtenAt } = adopted
  const { backups, problems } = await findEverywhere(shop, frame.workspace, [])
  return {
    document: {
      shop: { id: shop.identity.id, ...shop.settings.shop },
      home: shop.home.path,
      workspaces: shop.settings.workspaces.map(({ id, name, source }) => ({ id, name, ...source })),
      recovery: { file: from, writtenAt },
      backups: backups.map(backupDocument),
      problems,
    },
    words: [
      `This machine is ${shop.settings.shop.name} now.`,
      `  Home      ${shop.home.path}`,
      ...shop.settings.workspaces.map(({ id, source }) => `  Database  ${source.database} (${id})`),
      ...problems.map((problem) => `  Note: ${problem}`),
      nextStep(backups, frame.wording(shop)),
    ].join('\n'),
  }
}

async function adoptionOf(destination: string, options: AdoptOptions, { workspace }: Frame): Promise<Adoption> {
  const { recoveryKeyFile, database, images } = options
  return {
    destination: resolve(destination),
    recoveryKey: await readSecretFile(recoveryKeyFile),
    ...(workspace === undefined ? {} : { workspace }),
    ...(database === undefined ? {} : { database: resolve(database) }),
    ...(images === undefined ? {} : { images: resolve(images) }),
  }
}

function nextStep(backups: readonly Backup[], wording: Wording): string {
  const [newest] = backups
  if (newest === undefined) {
    return 'No backup can be reached: plug the disk in that holds them, then: tillsafe list'
  }
  const { id, takenAt, workspace } = newest.label
  return [
    `${wordNumber(backups.length, 'backup')} can be reached; the newest is of ${wording.time(takenAt)} (${workspace.id}).`,
    `Bring it back now: tillsafe restore ${shortId(id)}`,
  ].join('\n')
}
