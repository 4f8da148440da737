import type { JobContext, VaultDeeds } from '@tillsafe/engine'
import type { Command } from 'commander'
import type { Frame } from './frame.ts'
import { readSecretFile } from './read-secret-file.ts'

/** Which vault a command is about, and what opens it. */
export interface VaultOptions {
  readonly destination?: string
  readonly passwordFile?: string
}

/** Gives a command the options that say which vault. */
export function aVault(command: Command): Command {
  return command
    .option('--destination <name>', 'the destination of the vault; needed when there are several')
    .option('--password-file <file>', 'open the vault with this password, not with the recovery key')
}

/** Does something in the vault that the options name. */
export async function inVault<R>(
  frame: Frame,
  { destination, passwordFile }: VaultOptions,
  deed: (vault: VaultDeeds, job: JobContext) => Promise<R>,
): Promise<R> {
  const password = passwordFile === undefined ? undefined : await readSecretFile(passwordFile)
  return await frame.withCenter(async (center) =>
    frame.follow(center.careForVault({ workspace: frame.workspace, destination, password }, deed)),
  )
}
