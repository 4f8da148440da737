import type { VaultReading } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { aVault, inVault, type VaultOptions } from './in-vault.ts'
import type { RunCommand } from './run-command.ts'
import { addVaultKeyCommands } from './vault-key.ts'
import { pruneWords, repairWords, reportWords } from './vault-words.ts'
import type { Answer } from './voice.ts'

interface CheckOptions extends VaultOptions {
  readonly read: string
}

interface PruneOptions extends VaultOptions {
  readonly maxUnused: string
  readonly confirm?: string
  readonly preview?: boolean
}

interface RepairOptions extends VaultOptions {
  readonly readAll?: boolean
  readonly forgetLost?: boolean
}

/** `tillsafe vault`: looks after the vaults: checks, prunes and repairs them, and changes their keys. */
export function addVaultCommand(program: Command, run: RunCommand): void {
  const vault = program.command('vault').description('Check, prune or repair a vault; change its keys')
  aVault(vault.command('check'))
    .option('--read <how-much>', 'structure, everything, or a share such as 10%', 'structure')
    .description('See whether everything that the backups need is there; sales and backups go on')
    .addHelpText('after', examples('tillsafe vault check', 'tillsafe vault check --read everything --json'))
    .action(run(check))
  aVault(vault.command('prune'))
    .option('--max-unused <share>', 'how much may stay that no backup needs', '5%')
    .option('--preview', 'only say what would be removed')
    .option('--confirm <words>', 'the words that are asked for when much would go')
    .description('Remove what no backup needs any more')
    .addHelpText('after', examples('tillsafe vault prune --preview', 'tillsafe vault prune --max-unused 0%'))
    .action(run(prune))
  aVault(vault.command('repair'))
    .option('--read-all', 'read every byte, not only the ends of the packs')
    .option('--forget-lost', 'remove the backups that can’t be opened at all')
    .description('Make the index anew, save what is whole of damaged packs, say what is lost')
    .addHelpText('after', examples('tillsafe vault repair', 'tillsafe vault repair --read-all --forget-lost'))
    .action(run(repair))
  addVaultKeyCommands(vault.command('key').description('The passwords that open a vault'), run)
}

async function check(frame: Frame, options: CheckOptions): Promise<Answer> {
  const reading = readingOf(options.read)
  const report = await inVault(frame, options, (vault, job) => vault.check(reading, job))
  return { document: report, words: reportWords(report), ...(report.problems.length > 0 && { exitCode: 4 as const }) }
}

function readingOf(text: string): VaultReading {
  if (text === 'structure' || text === 'everything') {
    return text
  }
  return { percent: shareOf(text, '--read') * 100, seed: String(Math.random()) }
}

async function prune(frame: Frame, { maxUnused, confirm, preview, ...options }: PruneOptions): Promise<Answer> {
  const maxUnusedShare = shareOf(maxUnused, '--max-unused')
  if (preview) {
    const planned = await inVault(frame, options, (vault, job) => vault.planPrune({ maxUnusedShare }, job))
    return { document: { planned }, words: `Would be removed: ${pruneWords(planned)}` }
  }
  const figures = await inVault(frame, options, async (vault, job) => {
    try {
      return await vault.prune({ maxUnusedShare }, job)
    } catch (error) {
      if (error instanceof TillsafeError && error.confirm !== undefined && error.confirm === confirm) {
        return await vault.prune({ maxUnusedShare, mostRemovedShare: 1 }, job)
      }
      throw error
    }
  })
  return { document: { pruned: figures }, words: `Removed: ${pruneWords(figures)}` }
}

async function repair(frame: Frame, { readAll, forgetLost = false, ...options }: RepairOptions): Promise<Answer> {
  const reading = readAll ? 'everything' : 'headers'
  const report = await inVault(frame, options, (vault, job) => vault.repair({ reading, forgetLost }, job))
  return {
    document: { repaired: report },
    words: repairWords(report),
    ...(report.lost.length > 0 && { exitCode: 4 as const }),
  }
}

/** `10%` as 0.1. */
function shareOf(text: string, option: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1]
  if (percent === undefined || Number(percent) > 100) {
    throw new TillsafeError('usage.invalid', `${option} takes a share such as 10%, not ${text}`)
  }
  return Number(percent) / 100
}
