import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../tools/needs.ts'
import { CHUNK_BYTES } from './age-format.ts'
import { sealed } from './seal.ts'
import { unsealed } from './unseal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-age-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LENGTHS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1_000_000]
const PASSPHRASE = 'mot de passe, 密碼'

describe.skipIf(needs('age'))('stock age', () => {
  const identityFile = join(folder, 'key.txt')

  function newIdentity(): { identity: string; recipient: string } {
    rmSync(identityFile, { force: true })
    execFileSync('age-keygen', ['-o', identityFile], { stdio: 'ignore' })
    const text = readFileSync(identityFile, 'utf8')
    return {
      identity: /^AGE-SECRET-KEY-1.*$/m.exec(text)?.[0] ?? '',
      recipient: /public key: (age1.*)$/m.exec(text)?.[1] ?? '',
    }
  }

  test('opens what we seal for its key, and we open what it seals for it, at every length', async () => {
    const { identity, recipient } = newIdentity()
    for (const length of LENGTHS) {
      const text = randomBytes(length)
      const ours = await sealInto('ours.age', text, { kind: 'recipients', recipients: [recipient] })
      const theirs = execFileSync('age', ['-d', '-i', identityFile, ours])
      expect(theirs.equals(text), `${length} bytes, ours`).toBe(true)
      writeFileSync(join(folder, 'text'), text)
      execFileSync('age', ['-r', recipient, '-o', join(folder, 'theirs.age'), join(folder, 'text')])
      const opened = await open('theirs.age', { kind: 'identities', identities: [identity] })
      expect(opened.equals(text), `${length} bytes, theirs`).toBe(true)
    }
  })

  test.skipIf(needs('script'))('opens what we seal with a passphrase', async () => {
    const text = randomBytes(100_000)
    const ours = await sealInto('passphrase.age', text, { kind: 'passphrase', passphrase: PASSPHRASE })
    await onTerminal(`age -d -o ${join(folder, 'opened')} ${ours}`, [PASSPHRASE])
    expect(readFileSync(join(folder, 'opened')).equals(text)).toBe(true)
  })

  test.skipIf(needs('script'))('seals with a passphrase what we open, and a wrong one is told', async () => {
    const text = randomBytes(100_000)
    writeFileSync(join(folder, 'text'), text)
    const file = join(folder, 'stock.age')
    await onTerminal(`age -p -o ${file} ${join(folder, 'text')}`, [PASSPHRASE, PASSPHRASE])
    expect((await open('stock.age', { kind: 'passphrase', passphrase: PASSPHRASE })).equals(text)).toBe(true)
    await expect(open('stock.age', { kind: 'passphrase', passphrase: 'another' })).rejects.toMatchObject({
      code: 'key.wrong',
    })
  })

  test('writes armored files, of which we say how to open them', async () => {
    const { identity, recipient } = newIdentity()
    writeFileSync(join(folder, 'text'), 'text')
    execFileSync('age', ['-a', '-r', recipient, '-o', join(folder, 'armored.age'), join(folder, 'text')])
    await expect(open('armored.age', { kind: 'identities', identities: [identity] })).rejects.toMatchObject({
      code: 'usage.invalid',
    })
  })
})

async function sealInto(name: string, text: Uint8Array, lock: Parameters<typeof sealed>[1]): Promise<string> {
  const file = join(folder, name)
  async function* stream(): AsyncIterable<Uint8Array> {
    yield text
  }
  writeFileSync(file, Buffer.concat(await Array.fromAsync(sealed(stream(), lock))))
  return file
}

async function open(name: string, key: Parameters<typeof unsealed>[1]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(unsealed(createReadStream(join(folder, name)), key)))
}

/** Runs a command on a terminal of its own, where each line is typed when the program asks for it. */
function onTerminal(command: string, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null'])
    let asked = 0
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
      while (asked < lines.length && (said.match(/passphrase[^:]*: /gi)?.length ?? 0) > asked) {
        child.stdin.write(`${lines[asked]}\n`)
        asked += 1
      }
    })
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said}`))))
  })
}
