import type { Destination, Key } from '../destinations/destination.ts'
import { type Failure, failureOf, hasShape, misfitOf, Recovery, TillsafeError } from '../model/index.ts'
import { readAll } from '../snapshot/bytes-content.ts'
import { unsealed } from '../work/age/unseal.ts'

/** A recovery file that a recovery key opens. */
export interface RecoveryFile {
  readonly key: Key
  readonly bytes: number
  readonly recovery: Recovery
}

/** The recovery files at the top of a destination: those that the key opens, the newest first, and the others. */
export interface FoundRecoveries {
  readonly opened: readonly RecoveryFile[]
  /** Of other shops, or damaged: nobody can tell which. */
  readonly closed: readonly { readonly key: Key; readonly failure: Failure }[]
}

const NAME = /^recovery(_[1-9][0-9]{0,5})?\.age$/
/** A thousand times what a shop needs: what is larger is something else. */
const MOST_BYTES = 4 * 1024 * 1024

export async function findRecoveries(destination: Destination, recoveryKey: string): Promise<FoundRecoveries> {
  const opened: RecoveryFile[] = []
  const closed: { key: Key; failure: Failure }[] = []
  for (const key of await recoveryNames(destination)) {
    try {
      opened.push(await openRecovery(destination, key, recoveryKey))
    } catch (error) {
      closed.push({ key, failure: failureOf(error) })
    }
  }
  return { opened: opened.sort((a, b) => (a.recovery.writtenAt < b.recovery.writtenAt ? 1 : -1)), closed }
}

/** The keys of the recovery files in a destination, whoever's they are. */
export async function recoveryNames(destination: Destination): Promise<Key[]> {
  const keys: Key[] = []
  for (const prefix of ['recovery.', 'recovery_']) {
    for await (const key of destination.list(prefix)) {
      if (NAME.test(key)) {
        keys.push(key)
      }
    }
  }
  return keys
}

/** Errors: `key.wrong`, `archive.damaged`, `file.over-limit`, `object.missing`, and those of the destination. */
export async function openRecovery(destination: Destination, key: Key, recoveryKey: string): Promise<RecoveryFile> {
  const bytes = await destination.size(key)
  if (bytes !== undefined && bytes > MOST_BYTES) {
    throw new TillsafeError('archive.damaged', `${key} is too large for a recovery file`)
  }
  const stream = await destination.read(key)
  const text = await readAll(unsealed(stream, { kind: 'passphrase', passphrase: recoveryKey }))
  return { key, bytes: bytes ?? 0, recovery: parse(key, text) }
}

function parse(key: Key, text: Buffer): Recovery {
  const value = parseJson(key, text)
  if (!hasShape(Recovery, value)) {
    const misfit = misfitOf(Recovery, value)
    throw new TillsafeError('archive.damaged', `${key} does not fit at ${misfit?.path}: ${misfit?.message}`, {
      hint: 'A later version of Tillsafe may have written it: update Tillsafe, then try again.',
    })
  }
  return value
}

/** The parser's own message repeats the text, which is secret. */
function parseJson(key: Key, text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    throw new TillsafeError('archive.damaged', `${key} is no recovery file of Tillsafe`)
  }
}
