import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BackupCenter, FileRequest, RestoredFolder, Unlock } from '@tillsafe/engine'
import { type RestorePlan, TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { type ConsentOptions, carryOut, confirmOption, planOption, reasonOption } from './carry-out.ts'
import { examples } from './examples.ts'
import { findOne } from './find-everywhere.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import { addUnlockOptions, type UnlockOptions, withUnlock } from './unlock-options.ts'
import type { Answer } from './voice.ts'

type RestoreOptions = ConsentOptions & UnlockOptions & { readonly into?: string; readonly all?: boolean }

/** What is to be restored, and the workspace that it goes into. */
type Wanted =
  | { readonly kind: 'backup'; readonly id: string; readonly workspace: string }
  | { readonly kind: 'file'; readonly file: string }

/** `tillsafe restore`: brings a backup, a database file or an archive back, after a plan that a person agrees to. */
export function addRestoreCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('restore')
    .argument(
      '<id|file>',
      'the id of a backup (its first characters do), a database file or an archive (./abc for a file abc)',
    )
    .description('Restore a backup: the current state is saved first, then replaced in one step')
    .option('--into <folder>', 'restore into a new folder instead; nothing live is touched')
    .option('--all', 'every workspace of a whole-shop archive, each into its own place')
    .addOption(confirmOption)
    .addOption(reasonOption)
    .addOption(planOption)
  addUnlockOptions(command)
    .addHelpText(
      'after',
      examples(
        'tillsafe restore 3f2a91c0 --into ./looked-up',
        'tillsafe restore 3f2a91c0 --reason mistake --confirm RESTORE --json',
        'tillsafe restore shop.zip.age --all --passphrase-file passphrase.txt',
      ),
    )
    .action(run(restoreWanted))
}

function restoreWanted(frame: Frame, target: string, options: RestoreOptions): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const wanted = await find(target, center, frame)
    if (wanted.kind === 'backup') {
      return options.into === undefined
        ? carryOut([await center.planRestore(wanted.id, wanted.workspace)], options, center, frame)
        : restoreInto({ id: wanted.id }, [wanted.workspace], options.into, center, frame)
    }
    return restoreFile(wanted.file, options, center, frame)
  })
}

/** Hexadecimal characters are an id; everything else is a file. */
async function find(target: string, center: BackupCenter, { workspace }: Frame): Promise<Wanted> {
  if (/^[0-9a-f]{0,32}$/i.test(target)) {
    const { label } = await findOne(center.shop, target, workspace)
    return { kind: 'backup', id: label.id, workspace: label.workspace.id }
  }
  const file = resolve(target)
  if (!existsSync(file)) {
    throw new TillsafeError('backup.unknown', `there is no backup ${target}, and no file ${file}`)
  }
  return { kind: 'file', file }
}

async function restoreFile(file: string, options: RestoreOptions, center: BackupCenter, frame: Frame): Promise<Answer> {
  const { into } = options
  let opened: Unlock | undefined
  const [plans, workspaces] = await withUnlock(frame, options, async (key) => {
    opened = key
    return into === undefined
      ? ([await plansFor(file, key, options, center, frame), []] as const)
      : ([[], await center.workspacesOfFile(file, wantedOf(key, options, frame))] as const)
  })
  const key = opened === undefined ? {} : { key: opened }
  return into === undefined
    ? carryOut(plans, { ...options, ...key }, center, frame)
    : restoreInto({ file, ...key }, workspaces, into, center, frame)
}

function wantedOf(key: Unlock | undefined, { all }: RestoreOptions, { workspace }: Frame): FileRequest {
  return all ? { key } : { workspace, key }
}

async function plansFor(
  file: string,
  key: Unlock | undefined,
  options: RestoreOptions,
  center: BackupCenter,
  frame: Frame,
): Promise<readonly RestorePlan[]> {
  const wanted = wantedOf(key, options, frame)
  return options.all ? center.planRestoreShop(file, wanted) : [await center.planRestoreFile(file, wanted)]
}

/** Several workspaces go into folders of their own below the one that is named. */
async function restoreInto(
  from: { id: string } | { file: string; key?: Unlock },
  workspaces: readonly string[],
  into: string,
  center: BackupCenter,
  frame: Frame,
): Promise<Answer> {
  const folder = resolve(into)
  const restored: (RestoredFolder & { workspace: string })[] = []
  for (const workspace of workspaces) {
    const target = workspaces.length === 1 ? folder : join(folder, workspace)
    restored.push({ workspace, ...(await frame.follow(center.restoreInto(from, target, workspace))) })
  }
  const origin = 'id' in from ? { id: from.id } : { file: from.file }
  return {
    document: {
      restored: { ...origin, ...(restored.length === 1 ? restored[0] : { workspaces: restored }) },
      safetyBackup: null,
    },
    words: [
      'Restored; nothing live was touched.',
      ...restored.flatMap(({ database, images }) =>
        [database, ...(images === undefined ? [] : [images])].map((path) => `  ${path}`),
      ),
    ].join('\n'),
  }
}
