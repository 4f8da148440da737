import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJson, TryOut } from '../testing/try-out.ts'

const shop = new TryOut(3)
const said: string[] = []
let recoveryKey = ''

beforeAll(async () => {
  mkdirSync(shop.path('usb'))
  await shop.init('--destination', shop.path('usb'))
  recoveryKey = readJson<{ recoveryKey: string }>(shop.path('home', 'secrets.json')).recoveryKey
})
afterAll(() => shop[Symbol.dispose]())

describe('tillsafe kit', () => {
  test('writes one PDF that only its owner can read, and says where', async () => {
    const file = shop.path('kit.pdf')
    expect(await ask('kit', '--output', file)).toMatchObject({
      exitCode: 0,
      document: { file, bytes: statSync(file).size, sha256: expect.any(String), destinations: ['local'] },
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-')
    expect(shownOf(readFileSync(file))).toContain(hexOf(recoveryKey.slice(0, 25)))
  })

  test('tells a person to print it, lock it away, delete the file and try the key', async () => {
    const { exitCode, stdout, stderr } = await shop.run('kit', '--output', shop.path('second.pdf'))
    said.push(stdout, stderr)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('delete the file')
    expect(stdout).toContain('tillsafe kit confirm')
  })

  test('replaces nothing, and is refused beside the backups and without --output', async () => {
    const before = await shop.tree()
    expect(await ask('kit', '--output', shop.path('kit.pdf'))).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'restore.target-exists' } },
    })
    expect(await ask('kit', '--output', shop.path('usb', 'kit.pdf'))).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'usage.invalid', message: expect.stringContaining('beside the backups') } },
    })
    expect(await ask('kit', '--output', shop.path('nowhere', 'kit.pdf'))).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'destination.missing' } },
    })
    expect(await ask('kit')).toMatchObject({ exitCode: 2, document: { error: { code: 'usage.invalid' } } })
    expect(await shop.tree()).toEqual(before)
  })
})

describe('a shop with encrypted backups and no kit', () => {
  const other = new TryOut(3)

  beforeAll(async () => {
    await other.init()
    await other.ask('destination', 'add', 'safe', '--path', other.path('safe'), '--store', 'vault')
  })
  afterAll(() => other[Symbol.dispose]())

  test('is backed up, and told by the backup and by the doctor to make one', async () => {
    const sentence = expect.stringMatching(
      /^what the vault of epicerie keeps is encrypted.*tillsafe kit --output kit\.pdf$/,
    )
    expect(await other.ask('backup')).toMatchObject({
      exitCode: 0,
      document: { copies: [{ ok: true }, { ok: true }], problems: [sentence] },
    })
    expect((await other.run('backup')).stdout).toContain('tillsafe kit --output kit.pdf')
    expect(await other.ask('doctor')).toMatchObject({
      exitCode: 1,
      document: { needs: [sentence], workspaces: [{ problems: [sentence] }] },
    })
  })

  test('is told no more once it is made', async () => {
    await other.ask('kit', '--output', other.path('kit.pdf'))
    expect(await other.ask<{ problems: [] }>('backup')).toMatchObject({ exitCode: 0, document: { problems: [] } })
    expect(await other.ask('doctor')).toMatchObject({ exitCode: 0 })
  })
})

describe('tillsafe kit confirm', () => {
  test('takes the key as a person types it, and records that it was right', async () => {
    expect(await confirm(recoveryKey.toLowerCase().replaceAll('-', ' '))).toMatchObject({
      exitCode: 0,
      document: { confirmed: true, shop: { name: 'Épicerie' } },
    })
    expect(acts().at(-1)).toBe('kit.confirmed')
  })

  test('tells a mistyped key and another shop’s, and records neither', async () => {
    const before = acts()
    const swapped = `${recoveryKey.slice(0, 5)}${recoveryKey.slice(10, 14)}-${recoveryKey.slice(5, 9)}${recoveryKey.slice(14)}`
    expect(await confirm(swapped)).toMatchObject({ exitCode: 3, document: { error: { code: 'key.wrong' } } })
    const others = 'TILL-006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ-4BB3'
    expect(await confirm(others)).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'key.wrong', message: expect.stringContaining('not that of Épicerie') } },
    })
    expect(acts()).toEqual(before)
  })

  test('without a file and without a person asks for one', async () => {
    expect(await ask('kit', 'confirm')).toMatchObject({ exitCode: 3, document: { error: { code: 'key.needed' } } })
  })
})

test('neither prints the key, and what was done is in the audit log', () => {
  expect(said.join('\n')).not.toMatch(new RegExp(recoveryKey.slice(5, 14), 'i'))
  expect(acts()).toEqual(['recovery.shown', 'kit.made', 'recovery.shown', 'kit.made', 'kit.confirmed'])
})

async function ask(...args: readonly string[]): Promise<{ exitCode: number; document: unknown }> {
  const answer = await shop.ask(...args)
  said.push(JSON.stringify(answer))
  return answer
}

async function confirm(typed: string): Promise<{ exitCode: number; document: unknown }> {
  writeFileSync(shop.path('paper.txt'), `${typed}\n`)
  return ask('kit', 'confirm', '--recovery-key-file', shop.path('paper.txt'))
}

function acts(): unknown[] {
  using database = new DatabaseSync(shop.path('home', 'state.db'))
  return database
    .prepare('SELECT entry FROM audit ORDER BY seq')
    .all()
    .map(({ entry }) => JSON.parse(String(entry)).act)
}

/** What is drawn on the page, as PDF writes it: texts are hexadecimal. */
function shownOf(pdf: Buffer): string {
  const text = pdf.toString('latin1')
  return Array.from(text.matchAll(/stream\n(.*?)\nendstream/gs), ([, stream = '']) => {
    try {
      return inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')
    } catch {
      return ''
    }
  }).join('\n')
}

function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}
