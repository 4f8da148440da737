import { open } from 'node:fs/promises'
import { TillsafeError } from '@tillsafe/engine/model'

/** Longer ones are a wrong file: a picture, a database. */
const MOST_CHARACTERS = 4096

/**
 * The secret in a file that an option names (`--passphrase-file`, `--recovery-key-file` …): its first line, without the
 * line end, in UTF-8. Secrets are never arguments, where every user of the machine can read them.
 */
export async function readSecretFile(path: string): Promise<string> {
  const bytes = await readBeginning(path)
  const [line = ''] = decode(path, bytes.subarray(0, endOfLine(bytes))).split(/\r?$/)
  if (line === '') {
    throw wrong(path, 'begins with an empty line')
  }
  if (line.length > MOST_CHARACTERS) {
    throw wrong(path, `begins with a line of more than ${MOST_CHARACTERS} characters`)
  }
  return line
}

/** UTF-8 has at most four bytes for a character; one more shows that there are too many. */
const MOST_BYTES = MOST_CHARACTERS * 4 + 2

async function readBeginning(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r')
    const room = Buffer.alloc(MOST_BYTES)
    let length = 0
    for (let read = -1; read !== 0; length += read) {
      read = (await file.read(room, length, MOST_BYTES - length)).bytesRead // a pipe gives it in parts
    }
    return room.subarray(0, length)
  } catch (cause) {
    throw new TillsafeError('usage.invalid', `the file ${path} can't be read`, { cause, hint: HINT })
  }
}

function endOfLine(bytes: Buffer): number {
  const end = bytes.indexOf('\n')
  return end < 0 ? bytes.byteLength : end
}

/** Editors on Windows put a mark before the text: it is dropped. */
function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw bytes.byteLength < MOST_BYTES ? wrong(path, 'is no UTF-8 text') : wrong(path, 'is too long for a secret')
  }
}

function wrong(path: string, why: string): TillsafeError {
  return new TillsafeError('usage.invalid', `the file ${path} ${why}`, { hint: HINT })
}

const HINT = 'The first line of the file is the secret, in UTF-8.'
