import { resolve } from 'node:path'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordSize } from './wording.ts'

/** `tillsafe export`: writes a file for people to keep or send. */
export function addExportCommand(program: Command, run: RunCommand): void {
  program
    .command('export')
    .description('Write a file for people to keep or send')
    .command('database')
    .description('Write an exact copy of the database into a new file, with its signed label beside it')
    .requiredOption('--output <file>', 'the file to write; it must not exist yet')
    .addHelpText(
      'after',
      examples(
        'tillsafe export database --output ./pos-copy.db',
        'tillsafe export database --workspace bakery --output /mnt/usb/bakery.db --json',
      ),
    )
    .action(run(exportDatabase))
}

function exportDatabase(frame: Frame, { output }: { output: string }): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const path = resolve(output)
    const { file, labelFile, label } = await frame.follow(center.exportDatabase(path, frame.workspace))
    const { bytes, sha256 } = label.database
    return {
      document: { file, labelFile, takenAt: label.takenAt, bytes, sha256, sections: label.sections },
      words: [`Written and read back: ${file} (${wordSize(bytes)})`, `  Its label: ${labelFile}`].join('\n'),
    }
  })
}
