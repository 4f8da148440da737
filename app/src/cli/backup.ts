import type { BackUpOutcome } from '@tillsafe/engine'
import type { Command } from 'commander'
import { backupDocument } from './backup-document.ts'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, type Wording, wordSize } from './wording.ts'

/** `tillsafe backup`: takes a backup now, reads it back, and says how each copy went. */
export function addBackupCommand(program: Command, run: RunCommand): void {
  program
    .command('backup')
    .description('Take a backup now; sales go on meanwhile')
    .option('--to <destination>', 'only into this destination; may be repeated', collect)
    .addHelpText(
      'after',
      examples('tillsafe backup', 'tillsafe backup --workspace bakery --to local --to usb', 'tillsafe backup --json'),
    )
    .action(run(takeBackup))
}

function takeBackup(frame: Frame, { to = [] }: { to?: readonly string[] }): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const job = center.backUp({ ...(frame.workspace === undefined ? {} : { workspace: frame.workspace }), to })
    const outcome = await frame.follow(job)
    return {
      document: { backup: backupDocument(outcome.backup), copies: outcome.copies, problems: outcome.problems },
      words: wordsOf(outcome, frame.wording(center.shop)),
      ...(outcome.copies.every((copy) => copy.ok) ? {} : { exitCode: 1 as const }),
    }
  })
}

function wordsOf({ backup, copies, problems: others }: BackUpOutcome, wording: Wording): string {
  const { id, takenAt, problems } = backup.label
  return [
    `Backup ${shortId(id)} of ${wording.clock(takenAt)}, ${wordSize(backup.bytes)}, written and read back.`,
    ...copies.map((copy) =>
      copy.ok ? `  ${copy.destination}: ${copy.key}` : `  ${copy.destination}: FAILED, ${copy.error.message}`,
    ),
    ...[...problems, ...others].map((problem) => `  Note: ${problem}`),
  ].join('\n')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
