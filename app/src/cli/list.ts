import type { Backup } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { backupDocument } from './backup-document.ts'
import { examples } from './examples.ts'
import { findEverywhere } from './find-everywhere.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, type Wording, wordSize, wordTable } from './wording.ts'

/** `tillsafe list`: every backup that can be reached, newest first. */
export function addListCommand(program: Command, run: RunCommand): void {
  program
    .command('list')
    .description('List the backups of all workspaces, or of one, newest first')
    .option('--destination <name>', 'only what lies in this destination')
    .addHelpText('after', examples('tillsafe list', 'tillsafe list --destination usb', 'tillsafe list --json'))
    .action(run(list))
}

async function list(frame: Frame, { destination }: { destination?: string }): Promise<Answer> {
  const shop = await frame.openShop()
  const only = destination === undefined ? [] : [destination]
  const { backups, problems } = await findEverywhere(shop, frame.workspace, only)
  for (const problem of problems) {
    frame.voice.tell(`Note: ${problem}`)
  }
  return {
    document: { backups: backups.map(backupDocument), problems },
    words: backups.length === 0 ? 'There are no backups yet: tillsafe backup' : tableOf(backups, frame.wording(shop)),
  }
}

function tableOf(backups: readonly Backup[], wording: Wording): string {
  return wordTable([
    ['ID', 'TAKEN', 'AGO', 'WORKSPACE', 'TRIGGER', 'TIERS', 'SIZE', 'PLACES'],
    ...backups.map(({ label, bytes, places }) => [
      shortId(label.id),
      wording.clock(label.takenAt),
      wording.ago(label.takenAt),
      label.workspace.id,
      label.trigger,
      label.tiers.join(' '),
      wordSize(bytes),
      places.map((place) => place.destination).join(' '),
    ]),
  ])
}
