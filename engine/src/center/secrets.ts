import { Secrets, TillsafeError } from '../model/index.ts'
import { realDisk } from '../work/disk.ts'
import { replaceFile } from '../work/durable-files.ts'
import type { Home } from './home.ts'
import { readJsonFile } from './read-json-file.ts'

/** What a shop keeps to itself. Error: `home.damaged`. */
export async function readSecrets(home: Home): Promise<Secrets> {
  const secrets = await readJsonFile(home.secrets, Secrets, 'home.damaged')
  if (secrets === undefined) {
    throw new TillsafeError(
      'home.damaged',
      `${home.secrets} is missing: with it the recovery key and the keys of encrypted databases are lost here`,
      {
        hint: 'Put the file back from a copy. Without one, `tillsafe adopt` makes the home anew, in an empty folder, from a destination and the recovery key on paper.',
      },
    )
  }
  return secrets
}

/** Replaces what a shop keeps to itself; only its owner can read it. */
export async function writeSecrets(home: Home, secrets: Secrets): Promise<void> {
  await replaceFile(realDisk, home.secrets, `${JSON.stringify(secrets, null, 2)}\n`)
}
