import type { VaultKeyEntry } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { aVault, inVault, type VaultOptions } from './in-vault.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { shortId, wordTable } from './wording.ts'

interface NewKeyOptions extends VaultOptions {
  readonly newPasswordFile: string
}

/** `tillsafe vault key`: the passwords that open a vault. */
export function addVaultKeyCommands(key: Command, run: RunCommand): void {
  aVault(key.command('list'))
    .description('List the keys: each opens the whole vault with its own password')
    .addHelpText('after', examples('tillsafe vault key list', 'tillsafe vault key list --json'))
    .action(run(listKeys))
  aVault(key.command('add'))
    .requiredOption('--new-password-file <file>', 'a file whose first line is the new password')
    .description('Add a password that opens the vault too')
    .addHelpText('after', examples('tillsafe vault key add --new-password-file accountant.txt'))
    .action(run(addKey))
  aVault(key.command('change'))
    .requiredOption('--new-password-file <file>', 'a file whose first line is the new password')
    .description('Put a new password in the place of the one in --password-file')
    .addHelpText('after', examples('tillsafe vault key change --password-file old.txt --new-password-file new.txt'))
    .action(run(changeKey))
  aVault(key.command('remove'))
    .argument('<name>', 'the name of the key, as `list` shows it; its first characters do')
    .description('Remove a key; never the one that this shop uses')
    .addHelpText('after', examples('tillsafe vault key remove 4f1a99c0'))
    .action(run(removeKey))
}

async function listKeys(frame: Frame, options: VaultOptions): Promise<Answer> {
  const keys = await inVault(frame, options, (vault) => vault.keys())
  return { document: { keys }, words: wordTable([['NAME', 'CREATED', 'BY', ''], ...keys.map(keyRow)]) }
}

function keyRow(key: VaultKeyEntry): readonly string[] {
  return key.kind === 'damaged'
    ? [shortId(key.name), '', '', 'DAMAGED']
    : [shortId(key.name), key.created ?? '', `${key.username ?? ''}@${key.hostname ?? ''}`, key.isInUse ? 'in use' : '']
}

async function addKey(frame: Frame, { newPasswordFile, ...options }: NewKeyOptions): Promise<Answer> {
  const password = await readSecretFile(newPasswordFile)
  const name = await inVault(frame, options, (vault, job) => vault.addKey(password, job))
  return { document: { key: { name } }, words: `The vault opens with this password too (key ${shortId(name)}).` }
}

async function changeKey(frame: Frame, { newPasswordFile, ...options }: NewKeyOptions): Promise<Answer> {
  const password = await readSecretFile(newPasswordFile)
  const name = await inVault(frame, options, (vault, job) => vault.changeKey(password, job))
  return {
    document: { key: { name } },
    words: `The new password opens the vault; the old one no longer does (key ${shortId(name)}).`,
  }
}

async function removeKey(frame: Frame, beginning: string, options: VaultOptions): Promise<Answer> {
  const name = await inVault(frame, options, async (vault, job) => {
    const found = (await vault.keys()).filter((key) => key.name.startsWith(beginning))
    const [only] = found
    if (only === undefined || found.length > 1) {
      throw new TillsafeError(
        'usage.invalid',
        `${found.length === 0 ? 'no key' : 'more than one key'} begins with ${beginning}`,
      )
    }
    await vault.removeKey(only.name, job)
    return only.name
  })
  return { document: { removed: { name } }, words: `The key ${shortId(name)} opens the vault no longer.` }
}
