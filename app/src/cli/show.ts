import type { Backup } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import { findOne } from './find-everywhere.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { type Wording, wordCount, wordNumber, wordSize, wordTable } from './wording.ts'

/** `tillsafe show`: everything that is known of one backup. */
export function addShowCommand(program: Command, run: RunCommand): void {
  program
    .command('show')
    .argument('<id>', 'the id of a backup; its first characters do')
    .description('Show what is known of one backup')
    .addHelpText('after', examples('tillsafe show 3f2a91c0', 'tillsafe show 3f2a91c0 --json'))
    .action(run(show))
}

async function show(frame: Frame, id: string): Promise<Answer> {
  const shop = await frame.openShop()
  const backup = await findOne(shop, id, frame.workspace)
  return {
    document: { backup: { ...backup.label, bytes: backup.bytes, places: backup.places } },
    words: wordsOf(backup, frame.wording(shop)),
  }
}

function wordsOf({ label, bytes, places }: Backup, wording: Wording): string {
  const { database, fiscalPeriod, images } = label
  return [
    wordTable([
      ['Backup', label.id],
      ['Taken', wording.time(label.takenAt)],
      ['Of', `${label.workspace.name}, ${label.shop.name}`],
      ['Because', `${label.trigger} (${label.origin}), kept as ${label.tiers.join(', ')}`],
      ['Size', wordSize(bytes)],
      ['Database', `${wordSize(database.bytes)}, ${database.condition}, SHA-256 ${database.sha256}`],
      ...(images ? [['Images', `${wordCount(images.count)}, ${wordSize(images.bytes)}`]] : []),
      ...(fiscalPeriod ? [['Period', `${fiscalPeriod.from} to ${fiscalPeriod.to}`]] : []),
      ...places.map((place) => ['Lies in', `${place.destination}: ${place.key}`]),
    ]),
    ...label.sections.map(({ name, rows }) => `  ${name}: ${wordNumber(rows, 'row')}`),
    ...label.problems.map((problem) => `Note: ${problem}`),
  ].join('\n')
}
