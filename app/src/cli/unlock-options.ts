import { readFile } from 'node:fs/promises'
import type { Unlock } from '@tillsafe/engine'
import { failureOf, TillsafeError } from '@tillsafe/engine/model'
import { type Command, Option } from 'commander'
import { Conversation } from './conversation.ts'
import type { Frame } from './frame.ts'
import { readSecretFile } from './read-secret-file.ts'

/** What opens an encrypted file, as options of a command. */
export interface UnlockOptions {
  readonly passphraseFile?: string
  readonly keyFile?: string
}

export function addUnlockOptions(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'opens an encrypted file (age): the first line of this file is the passphrase')
    .addOption(
      new Option('--key-file <file>', 'opens an encrypted file (age): a key as age-keygen writes it').conflicts(
        'passphraseFile',
      ),
    )
}

const ATTEMPTS = 3

/**
 * Does what needs a key only when the file turns out to be encrypted: with the one that was given, else with the passphrase
 * that a person types. `work` is done again after a wrong one, so it changes nothing before the file is open.
 */
export async function withUnlock<R>(
  frame: Frame,
  options: UnlockOptions,
  work: (key: Unlock | undefined) => Promise<R>,
): Promise<R> {
  const given = await unlockOf(options)
  try {
    return await work(given)
  } catch (error) {
    if (given !== undefined || !frame.canAsk || failureOf(error).code !== 'key.needed') {
      throw error
    }
  }
  return askFor(frame, work)
}

async function askFor<R>(frame: Frame, work: (key: Unlock) => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    const passphrase = await askPassphrase(frame)
    try {
      return await work({ kind: 'passphrase', passphrase })
    } catch (error) {
      if (attempt === ATTEMPTS || failureOf(error).code !== 'key.wrong') {
        throw error
      }
      frame.voice.tell('That is not the passphrase of this file.')
    }
  }
}

async function askPassphrase(frame: Frame): Promise<string> {
  using person = new Conversation(frame.settings)
  return await person.askSecret('The file is encrypted. Its passphrase: ')
}

async function unlockOf({ passphraseFile, keyFile }: UnlockOptions): Promise<Unlock | undefined> {
  if (keyFile !== undefined) {
    return { kind: 'identities', identities: await readIdentities(keyFile) }
  }
  return passphraseFile === undefined
    ? undefined
    : { kind: 'passphrase', passphrase: await readSecretFile(passphraseFile) }
}

/** The keys in a file of age-keygen: lines that are no comments. */
async function readIdentities(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TillsafeError('usage.invalid', `the key file ${file} can't be read`, { cause })
  })
  const keys = text.split(/\r?\n/).filter((line) => line.startsWith('AGE-SECRET-KEY-'))
  if (keys.length === 0) {
    throw new TillsafeError('usage.invalid', `the key file ${file} holds no age key`, {
      hint: 'age-keygen writes one: a line that begins with AGE-SECRET-KEY-1.',
    })
  }
  return keys
}
