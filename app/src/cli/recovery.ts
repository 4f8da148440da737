import { showRecoveryKey, systemClock } from '@tillsafe/engine'
import { TillsafeError } from '@tillsafe/engine/model'
import { type Command, Option } from 'commander'
import { Conversation } from './conversation.ts'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'
import { wordRecoveryKey } from './word-recovery-key.ts'

interface ShowOptions {
  readonly confirm?: string
}

/** `tillsafe recovery`: the key on paper that makes a new machine this shop again. */
export function addRecoveryCommand(program: Command, run: RunCommand): void {
  program
    .command('recovery')
    .description('The recovery key of the shop')
    .command('show')
    .description('Show the recovery key again, to a person only; that it was shown is recorded')
    .addOption(new Option('--confirm <word>', 'the word SHOW'))
    .addHelpText('after', examples('tillsafe recovery show', 'tillsafe recovery show --confirm SHOW'))
    .action(run(show))
}

async function show(frame: Frame, { confirm }: ShowOptions): Promise<Answer> {
  const shop = await frame.openShop()
  if (frame.speaksJson) {
    throw new TillsafeError('usage.invalid', 'the recovery key is never printed for programs', {
      hint: `Without --json it is shown to a person; it is kept in ${shop.home.secrets}.`,
    })
  }
  const word = confirm ?? (frame.canAsk ? await askWord(frame) : undefined)
  return { document: {}, words: wordRecoveryKey(showRecoveryKey(shop, word, systemClock)) }
}

async function askWord(frame: Frame): Promise<string> {
  using person = new Conversation(frame.settings)
  return await person.ask('Whoever sees this key can take the place of this shop. To show it, type SHOW: ')
}
