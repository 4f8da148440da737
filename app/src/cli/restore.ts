import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BackupCenter } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { type ConsentOptions, carryOut, confirmOption, planOption, reasonOption } from './carry-out.ts'
import { examples } from './examples.ts'
import { findOne } from './find-everywhere.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'

type RestoreOptions = ConsentOptions & { readonly into?: string }

/** What is to be restored, and the workspace that it goes into. */
type Wanted = ({ readonly id: string } | { readonly file: string }) & { readonly workspace: string | undefined }

/** `tillsafe restore`: brings a backup or a database file back, after a plan that a person agrees to. */
export function addRestoreCommand(program: Command, run: RunCommand): void {
  program
    .command('restore')
    .argument('<id|file>', 'the id of a backup (its first characters do), or a database file (./abc for a file abc)')
    .description('Restore a backup: the current state is saved first, then replaced in one step')
    .option('--into <folder>', 'restore into a new folder instead; nothing live is touched')
    .addOption(confirmOption)
    .addOption(reasonOption)
    .addOption(planOption)
    .addHelpText(
      'after',
      examples(
        'tillsafe restore 3f2a91c0',
        'tillsafe restore 3f2a91c0 --into ./looked-up',
        'tillsafe restore 3f2a91c0 --reason mistake --confirm RESTORE --json',
      ),
    )
    .action(run(restoreWanted))
}

function restoreWanted(frame: Frame, target: string, options: RestoreOptions): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const wanted = await find(target, center, frame)
    return options.into === undefined
      ? carryOut(await planFor(wanted, center), options, center, frame)
      : restoreInto(wanted, resolve(options.into), center, frame)
  })
}

/** Hexadecimal characters are an id; everything else is a file. */
async function find(target: string, center: BackupCenter, { workspace }: Frame): Promise<Wanted> {
  if (/^[0-9a-f]{0,32}$/i.test(target)) {
    const { label } = await findOne(center.shop, target, workspace)
    return { id: label.id, workspace: label.workspace.id }
  }
  const file = resolve(target)
  if (!existsSync(file)) {
    throw new TillsafeError('backup.unknown', `there is no backup ${target}, and no file ${file}`)
  }
  return { file, workspace }
}

function planFor(wanted: Wanted, center: BackupCenter): ReturnType<BackupCenter['planRestore']> {
  return 'id' in wanted
    ? center.planRestore(wanted.id, wanted.workspace)
    : center.planRestoreFile(wanted.file, wanted.workspace)
}

async function restoreInto(wanted: Wanted, folder: string, center: BackupCenter, frame: Frame): Promise<Answer> {
  const restored = await frame.follow(center.restoreInto(wanted, folder, wanted.workspace))
  const from = 'id' in wanted ? { id: wanted.id } : { file: wanted.file }
  return {
    document: { restored: { ...from, ...restored }, safetyBackup: null },
    words: ['Restored; nothing live was touched.', ...Object.values(restored).map((path) => `  ${path}`)].join('\n'),
  }
}
