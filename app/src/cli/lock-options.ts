import { type Lock, requireRecipients } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { readSecretFile } from './read-secret-file.ts'

/** Who shall be able to open what is written, as options of a command. */
export interface LockOptions {
  readonly passphraseFile?: string
  readonly recipient?: readonly string[]
}

export function addLockOptions(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'encrypt it (age): the first line of this file is the passphrase')
    .option('--recipient <key...>', 'encrypt it (age) for these public keys: age1…')
}

/** Undefined when nothing is to be encrypted. */
export async function lockOf({ passphraseFile, recipient }: LockOptions): Promise<Lock | undefined> {
  if (passphraseFile !== undefined && recipient !== undefined) {
    throw new TillsafeError('usage.invalid', 'age encrypts with a passphrase or for recipients, not both', {
      hint: 'Give --passphrase-file or --recipient.',
    })
  }
  if (recipient !== undefined) {
    requireRecipients(recipient)
    return { kind: 'recipients', recipients: recipient }
  }
  return passphraseFile === undefined
    ? undefined
    : { kind: 'passphrase', passphrase: await readSecretFile(passphraseFile) }
}
