import { resolve } from 'node:path'
import { confirmKit, type Shop, systemClock } from '@tillsafe/engine'
import { failureOf, TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import { Conversation } from './conversation.ts'
import { examples } from './examples.ts'
import type { Frame } from './frame.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { RunCommand } from './run-command.ts'
import type { Answer } from './voice.ts'

interface KitOptions {
  readonly output?: string
}

interface ConfirmOptions {
  readonly recoveryKeyFile?: string
}

/** `tillsafe kit`: the page on paper that brings the shop back, with Tillsafe and without. */
export function addKitCommand(program: Command, run: RunCommand): void {
  const kit = program
    .command('kit')
    .description('Write the emergency kit: one page with the recovery key and the way back, to print and lock away')
    .option('--output <file>', 'the PDF to write, which must not exist yet; not beside the backups')
    .addHelpText('after', examples('tillsafe kit --output kit.pdf', 'tillsafe kit confirm'))
    .action(run(make))
  kit
    .command('confirm')
    .description('Prove that you have the recovery key, by typing it from the paper; that it was right is recorded')
    .option('--recovery-key-file <file>', 'its first line is the recovery key, as it stands on paper')
    .addHelpText('after', examples('tillsafe kit confirm', 'tillsafe kit confirm --recovery-key-file key.txt --json'))
    .action(run(confirm))
}

function make(frame: Frame, { output }: KitOptions): Promise<Answer> {
  if (output === undefined) {
    throw new TillsafeError('usage.invalid', "required option '--output <file>' not specified")
  }
  return frame.withCenter(async (center) => {
    const { drawKit } = await import('../kit/draw-kit.ts') // it is large, and other commands do without
    const { file, bytes, sha256 } = await frame.follow(center.makeKit(resolve(output), drawKit))
    return {
      document: { file, bytes, sha256, destinations: center.shop.settings.destinations.map(({ name }) => name) },
      words: [
        `Written and read back: ${file}`,
        '  Print it now, put the page where you keep the key of the safe, and delete the file: it holds the recovery key.',
        '  Then prove that the page can be read: tillsafe kit confirm',
      ].join('\n'),
    }
  })
}

async function confirm(frame: Frame, { recoveryKeyFile }: ConfirmOptions): Promise<Answer> {
  const shop = await frame.openShop()
  if (recoveryKeyFile !== undefined) {
    confirmKit(shop, await readSecretFile(recoveryKeyFile), systemClock)
  } else {
    await confirmByTyping(shop, frame)
  }
  const { name } = shop.settings.shop
  return {
    document: { confirmed: true, shop: { id: shop.identity.id, name } },
    words: `This is the recovery key of ${name}: with this page the shop comes back.`,
  }
}

const ATTEMPTS = 3

async function confirmByTyping(shop: Shop, frame: Frame): Promise<void> {
  if (!frame.canAsk) {
    throw new TillsafeError('key.needed', 'nobody is here to type the recovery key', {
      hint: 'Type it into a file, and give that with --recovery-key-file.',
    })
  }
  using person = new Conversation(frame.settings)
  for (let attempt = 1; ; attempt++) {
    try {
      confirmKit(shop, await person.askSecret('Type the recovery key from the page (it is not shown): '), systemClock)
      return
    } catch (error) {
      const { code, message } = failureOf(error)
      if (attempt === ATTEMPTS || code !== 'key.wrong') {
        throw error
      }
      frame.voice.tell(`\n${message}`)
    }
  }
}
