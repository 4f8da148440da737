import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { EmergencyKit, KitPlace } from '@tillsafe/engine'
import type { StoreKind } from '@tillsafe/engine/model'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { countTickets, readJson, TryOut } from '../testing/try-out.ts'
import { drawKit } from './draw-kit.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const KEY = 'TILL-006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ-4BB3'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-kit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(needs('poppler', 'zbarimg'))('the page', () => {
  test.each([
    ['a small shop', kitOf({ name: 'Kiosk' }, [placeOf('local', '/mnt/usb', 'copies')])],
    ['four destinations', kitOf({ name: 'Café du Port' }, fourPlaces('/mnt/usb'))],
    [
      'four destinations with long names and long paths',
      kitOf(
        { name: 'Bäckerei Großmann & Söhne, œuvre de Liège, crêperie à 5 €, bar ’t Hof van Österreich', images: true },
        fourPlaces(`/media/boulanger/Disque « Été »/${'Bäckerei Großmann & Söhne/'.repeat(3)}sauvegardes`),
      ),
    ],
  ])('of %s is one A4 page on which nothing is cut off, and its QR code is the key', async (_, kit) => {
    const file = await drawn(kit)
    expect(pagesOf(file)).toEqual({ pages: '1', size: '595.28 x 841.89 pts (A4)' })
    expectWhole(file, kit)
    expect(scanned(file)).toBe(`QR-Code:${KEY}`)
  })

  test('of a shop with everything too much goes on on a second page', async () => {
    const path = `/media/${'a-long-path-without-blanks'.repeat(40)}`
    const kit = kitOf({ name: 'Café' }, [...fourPlaces(path), ...fourPlaces(`${path}/more`)])
    const file = await drawn(kit)
    expect(Number(pagesOf(file).pages)).toBeGreaterThan(1)
    expectWhole(file, kit)
  })

  test('has the letters of French, Dutch and German, and says of a path what it lacks', async () => {
    const kit = kitOf({ name: 'Œufs à 5 €, Großmann, ĳs, “çà” – Ż' }, [placeOf('usb', '/mnt/Żabka/店', 'copies')])
    const text = textOf(await drawn(kit))
    expect(text).toContain('Œufs à 5 €, Großmann, ijs, “çà” – Z')
    expect(text).toContain('/mnt/?abka/?')
    expect(text).toContain('A ? stands for a character that this page can’t print')
    expect(commandsOf(text)).toContain('cd /mnt/?abka/?')
  })

  test('of a database that is encrypted says where its key is, of one that is not says nothing of it', async () => {
    const places = [placeOf('usb', '/mnt/usb', 'copies')]
    expect(textOf(await drawn(kitOf({ name: 'Kiosk', encrypted: true }, places)))).toMatch(
      /key of the\s+encrypted\s+database\s+in\s+databaseKeys\s+under\s+kiosk\./,
    )
    expect(textOf(await drawn(kitOf({ name: 'Kiosk' }, places)))).not.toMatch(/encrypted|sqlcipher/)
  })
})

describe.skipIf(needs('poppler', 'sqlite3', 'unzip', 'age', 'restic', 'script'))(
  'what is printed, typed line by line',
  () => {
    const tryOut = new TryOut(3)
    let page = ''

    beforeAll(async () => {
      await tryOut.init('--destination', tryOut.path('disque « usb »'))
      await tryOut.ask('destination', 'add', 'zips', '--path', tryOut.path("l'armoire $1"), '--store', 'archive')
      await tryOut.ask('destination', 'add', 'safe', '--path', tryOut.path('safe'), '--store', 'vault')
      await tryOut.backUp()
      const { exitCode } = await tryOut.run('kit', '--output', tryOut.path('kit.pdf'))
      expect(exitCode).toBe(0)
      page = textOf(tryOut.path('kit.pdf'))
    })
    afterAll(() => tryOut[Symbol.dispose]())

    test('brings the database back without Tillsafe, from plain copies, from ZIP archives and from a vault', async () => {
      const commands = sectionOf(page, 'Without Tillsafe').filter((line) => !line.startsWith('age '))
      expect(commands.filter((line) => line.startsWith('cd '))).toHaveLength(3)
      const { status, output } = sh(typed(commands), '', { RESTIC_PASSWORD: keyOn(page) })
      expect(status, output).toBe(0)
      expect(output).toContain('ok')
      expect(countTickets(join(folder, 'restored.db'))).toBe(3)
      expect(countTickets(join(folder, 'unzipped', 'database', 'epicerie.db'))).toBe(3)
      expect(countTickets(join(folder, 'restored', 'database', 'database.db'))).toBe(3)
    })

    test('opens recovery.age with the key as it is printed', async () => {
      const commands = sectionOf(page, 'Without Tillsafe')
      const lines = commands.filter((line) => line.startsWith('cd ') || line.startsWith('age '))
      expect(lines.at(-1)).toMatch(/^age /)
      await typeInto(lines.join(' && '), keyOn(page))
      expect(readJson(join(folder, 'recovery.json'))).toMatchObject({ settings: { shop: { name: 'Épicerie' } } })
    })

    test.skipIf(needs('sqlcipher'))('opens a database that is encrypted, with the key in recovery.age', async () => {
      using kiosk = new TryOut()
      const till = kiosk.path('encrypted.db')
      const make = 'CREATE TABLE tickets (id); INSERT INTO tickets VALUES (1), (2);'
      spawnSync('sqlcipher', ['-batch', till], { input: `PRAGMA key = "open sesame"; ${make}` })
      writeFileSync(kiosk.path('key'), 'open sesame\n')
      const place = ['--database', till, '--database-key-file', kiosk.path('key'), '--destination', kiosk.path('usb')]
      expect((await kiosk.ask('init', '--name', 'Kiosk', '--country', 'FR', ...place)).exitCode).toBe(0)
      await kiosk.backUp()
      await kiosk.ask('kit', '--output', join(folder, 'kit.pdf'))
      const paper = textOf(join(folder, 'kit.pdf'))
      const commands = sectionOf(paper, 'Without Tillsafe')
      const at = commands.findIndex((line) => line.startsWith('age '))
      expect(sh(typed(commands.slice(0, at))).status).toBe(0)
      await typeInto([commands[0], commands[at]].join(' && '), keyOn(paper))
      const key = databaseKeyIn(join(folder, 'recovery.json'), /databaseKeys\s+under\s+(\S+)\./.exec(paper)?.[1] ?? '')
      const [open = '', ...lines] = commands.slice(at + 1)
      const input = [...lines, 'SELECT count(*) FROM tickets;'].join('\n').replace('THE-KEY', key)
      expect(sh([open.replace('THE-DATABASE', '$HOME/restored.db')], '', {}, input).output).toBe('ok\n2\n')
    })

    test('brings the shop back with Tillsafe', async () => {
      const commands = sectionOf(page, 'with Tillsafe', 'Without Tillsafe')
      expect(commands).toHaveLength(3)
      writeFileSync(join(folder, 'key.txt'), `${keyOn(page)}\n`)
      rmSync(tryOut.home, { recursive: true })
      rmSync(tryOut.database)
      const bin = tillsafeIn(join(folder, 'bin'))
      const [cd, adopt, restore] = commands
      const adopted = sh([cd, adopt], bin)
      expect(adopted.status, adopted.output).toBe(0)
      const id = /tillsafe restore (\w+)/.exec(adopted.output)?.[1] ?? ''
      const restored = sh([`${restore?.replace('THE-ID', id)} --confirm RESTORE`], bin)
      expect(restored.status, restored.output).toBe(0)
      expect(countTickets(tryOut.database)).toBe(3)
    })
  },
)

test.skipIf(needs('script'))(
  'a person who retypes the key is asked again when it was wrong, and it is never shown',
  async () => {
    using tryOut = new TryOut()
    await tryOut.init()
    const { recoveryKey } = readJson<{ recoveryKey: string }>(tryOut.path('home', 'secrets.json'))
    const command = [execPath, MAIN, '--home', tryOut.home, 'kit', 'confirm'].map((word) => `'${word}'`).join(' ')
    const said = await converse(command, [KEY, recoveryKey.toLowerCase()], 'not shown): ')
    expect(said).toContain('not that of Épicerie')
    expect(said).toContain('This is the recovery key of Épicerie')
    expect(said).not.toContain(recoveryKey.slice(5, 9))
    expect(said).not.toContain(recoveryKey.slice(5, 9).toLowerCase())
  },
)

interface About {
  readonly name: string
  readonly images?: boolean
  readonly encrypted?: boolean
}

function kitOf({ name, images = false, encrypted = false }: About, places: readonly KitPlace[]): EmergencyKit {
  const workspace = {
    id: 'kiosk',
    name: 'Kiosk',
    database: '/srv/caisse à œufs/pos.db',
    ...(images ? { images: '/srv/caisse à œufs/images' } : {}),
    ...(encrypted ? { encryption: { cipher: 'sqlcipher', format: 4, key: 'kiosk' } as const } : {}),
  }
  return {
    shop: { id: '0', name, timeZone: 'Europe/Paris' },
    madeAt: '2026-11-21T10:57:00.000Z',
    version: '0.1.0',
    recoveryKey: KEY,
    workspaces: [workspace],
    places,
  }
}

function placeOf(name: string, path: string, ...stores: readonly StoreKind[]): KitPlace {
  const shelves = stores.map((store) => ({ workspace: 'kiosk', store }))
  return { name, kind: 'local', path, shelves }
}

function fourPlaces(path: string): KitPlace[] {
  return [
    placeOf('local', `${path}/1`, 'copies'),
    placeOf('nas-in-the-cellar', `${path}/2`, 'archive'),
    placeOf('usb-of-the-accountant', `${path}/3`, 'vault'),
    placeOf('synced-with-the-cloud', `${path}/4`, 'vault', 'archive'),
  ]
}

async function drawn(kit: EmergencyKit): Promise<string> {
  const file = join(folder, 'kit.pdf')
  writeFileSync(file, await drawKit(kit))
  return file
}

function textOf(file: string): string {
  return spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout
}

function pagesOf(file: string): { pages: string | undefined; size: string | undefined } {
  const { stdout } = spawnSync('pdfinfo', [file], { encoding: 'utf8' })
  return { pages: /^Pages: +(.*)$/m.exec(stdout)?.[1], size: /^Page size: +(.*)$/m.exec(stdout)?.[1] }
}

/** Every word lies within the margins, and every path, place and command is there to its end. */
function expectWhole(file: string, kit: EmergencyKit): void {
  const { stdout } = spawnSync('pdftotext', ['-bbox', file, '-'], { encoding: 'utf8' })
  const words = [...stdout.matchAll(/<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"/g)]
  expect(words.length).toBeGreaterThan(80)
  for (const [word, left, top, right, bottom] of words) {
    expect(Number(left) >= 50 && Number(right) <= 546 && Number(top) >= 36 && Number(bottom) <= 822, word).toBe(true)
  }
  const text = withoutBlanks(textOf(file))
  for (const { name, path } of kit.places) {
    expect(text).toContain(withoutBlanks(`${name} (folder)`))
    expect(text).toContain(withoutBlanks(path))
  }
  expect(text).toContain(withoutBlanks(kit.shop.name))
  for (const command of ['tillsafe adopt', 'tillsafe restore THE-ID', 'age --decrypt', kit.workspaces[0]?.database]) {
    expect(text).toContain(withoutBlanks(command ?? ''))
  }
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, '')
}

function scanned(file: string): string {
  const picture = join(folder, 'page')
  spawnSync('pdftoppm', ['-r', '150', '-gray', '-png', '-singlefile', file, picture])
  return spawnSync('zbarimg', ['--quiet', `${picture}.png`], { encoding: 'utf8' }).stdout.trim()
}

/** The lines to type, in order: they are indented, what goes on further. */
function commandsOf(text: string): string[] {
  const commands: string[] = []
  let indent = 0
  for (const line of text.slice(text.indexOf('Get the shop back')).split('\n')) {
    const blanks = line.length - line.trimStart().length
    if (blanks === 0 || line.trim() === '') {
      indent = 0
    } else if (indent > 0 && blanks > indent) {
      commands.push(`${commands.pop()}${line.trim()}`)
    } else {
      indent = blanks
      commands.push(line.trim())
    }
  }
  return commands
}

function sectionOf(text: string, from: string, to = '\f'): string[] {
  const begin = text.indexOf(from)
  return commandsOf(`Get the shop back\n${text.slice(begin, text.indexOf(to, begin))}`)
}

function keyOn(text: string): string {
  return (text.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/g) ?? []).join('-')
}

function databaseKeyIn(recovery: string, name: string): string {
  const { databaseKeys } = readJson<{ databaseKeys: Record<string, { key: string }[]> }>(recovery)
  return databaseKeys[name]?.[0]?.key ?? ''
}

/** A person takes the newest of the names that the line before has shown. */
function typed(commands: readonly string[]): string[] {
  return commands.map((line, n) => line.replace('THE-FILE', `$(${commands[n - 1]} | tail -n 1)`))
}

function sh(
  lines: readonly (string | undefined)[],
  bin = '',
  more: Record<string, string> = {},
  input = '',
): { status: number | null; output: string } {
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, LC_ALL: 'C.UTF-8', ...more }
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', lines.join('\n')], { env, encoding: 'utf8', input })
  return { status, output: stdout + stderr }
}

/** The command `tillsafe`, as an installation puts it into the path. */
function tillsafeIn(bin: string): string {
  mkdirSync(bin)
  writeFileSync(join(bin, 'tillsafe'), `#!/bin/sh\nexec '${execPath}' '${MAIN}' "$@"\n`)
  chmodSync(join(bin, 'tillsafe'), 0o755)
  return bin
}

/** Runs a line on a terminal of its own, and types one secret when it asks. */
async function typeInto(line: string, secret: string): Promise<void> {
  writeFileSync(join(folder, 'line.sh'), line)
  await converse(`HOME='${folder}' sh '${join(folder, 'line.sh')}'`, [secret], 'passphrase')
}

function converse(command: string, lines: readonly string[], question: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('script', ['-qec', command, '/dev/null'])
    let said = ''
    let answered = 0
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.split(question).length - 1 > answered && answered < lines.length) {
        child.stdin.write(`${lines[answered++] ?? ''}\n`)
      }
    })
    child.on('close', () => resolve(said))
  })
}
