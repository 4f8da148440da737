import type { Command } from 'commander'
import { type ConsentOptions, carryOut, confirmOption, planOption, reasonOption } from './carry-out.ts'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'

/** `tillsafe undo`: takes a restore back, from the safety backup that it made. */
export function addUndoCommand(program: Command, run: RunCommand): void {
  program
    .command('undo')
    .argument('[job]', 'the restore to take back (its first characters do); the last one when none is given')
    .description('Take a restore back: what was there before it is restored')
    .addOption(confirmOption)
    .addOption(reasonOption)
    .addOption(planOption)
    .addHelpText(
      'after',
      examples('tillsafe undo', 'tillsafe undo --plan', 'tillsafe undo --reason mistake --confirm RESTORE --json'),
    )
    .action(run(undo))
}

function undo(frame: Frame, job: string | undefined, options: ConsentOptions): Promise<Answer> {
  return frame.withCenter(async (center) =>
    carryOut([await center.planUndo(job, frame.workspace)], options, center, frame),
  )
}
