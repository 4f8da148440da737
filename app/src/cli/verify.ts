import type { BackupCenter, VerifyResult } from '@tillsafe/engine'
import { pickBackup } from '@tillsafe/engine'
import { type Backup, TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import { findEverywhere } from './find-everywhere.ts'
import { findUnreadable, type Unreadable } from './find-unreadable.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, wordNumber } from './wording.ts'

/** What verifying found: the backups that were read, and what could not even be read as one. */
interface Found {
  readonly results: readonly VerifyResult[]
  readonly unreadable: readonly Unreadable[]
  readonly unreachable: readonly string[]
}

/** `tillsafe verify`: reads every byte of backups, and opens the databases in them. */
export function addVerifyCommand(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .argument('[id...]', 'the ids of backups (their first characters do); the newest backup when none is given')
    .option('--all', 'every backup that can be reached')
    .description('Read every byte of backups, compare it with what was taken, and open the database')
    .addHelpText(
      'after',
      examples('tillsafe verify', 'tillsafe verify 3f2a91c0 77b0d3e1', 'tillsafe verify --all --json'),
    )
    .action(run(verify))
}

function verify(frame: Frame, ids: readonly string[], { all = false }: { all?: boolean }): Promise<Answer> {
  return frame.withCenter(async (center) => {
    const { backups } = await findEverywhere(center.shop, frame.workspace)
    const unread = await findUnreadable(center.shop, frame.workspace)
    const chosen = all ? backups : choose(backups, ids)
    const results = await verifyEach(chosen, center, frame)
    return describe(all ? { results, ...unread } : { results, unreadable: [], unreachable: [] })
  })
}

function choose(backups: readonly Backup[], ids: readonly string[]): readonly Backup[] {
  if (ids.length > 0) {
    return ids.map((id) => pickBackup(backups, id))
  }
  const [newest] = backups
  if (newest === undefined) {
    throw new TillsafeError('backup.unknown', 'there is no backup yet')
  }
  return [newest]
}

async function verifyEach(backups: readonly Backup[], center: BackupCenter, frame: Frame): Promise<VerifyResult[]> {
  const results: VerifyResult[] = []
  for (const { label } of backups) {
    results.push(await frame.follow(center.verify(label.id, label.workspace.id)))
  }
  return results
}

function describe(found: Found): Answer {
  const { results, unreadable, unreachable } = found
  const damaged = results.some((result) => !result.ok) || unreadable.length > 0
  const exitCode = damaged ? 4 : unreachable.length > 0 ? 1 : undefined
  return { document: found, words: wordsOf(found), ...(exitCode && { exitCode }) }
}

function wordsOf({ results, unreadable, unreachable }: Found): string {
  const good = results.filter((result) => result.ok).length
  return [
    ...results.map(({ id, ok, problems }) => [`${shortId(id)}  ${ok ? 'whole' : 'DAMAGED'}`, ...problems].join('\n  ')),
    ...unreadable.map(({ destination, key, problem }) => `DAMAGED  ${destination}: ${key} ${problem}`),
    ...unreachable.map((sentence) => `Not verified: ${sentence}`),
    `${wordNumber(results.length, 'backup')} verified, ${good} whole.`,
  ].join('\n')
}
