import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { TryOut } from '../testing/try-out.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

test.skipIf(needs('script'))(
  'a person is asked for the passphrase, again when it is wrong, and it is never shown',
  async () => {
    using shop = new TryOut(3)
    await shop.init()
    writeFileSync(shop.path('passphrase'), 'open sesame\n')
    const file = shop.path('shop.zip.age')
    await shop.ask('export', 'archive', '--output', file, '--passphrase-file', shop.path('passphrase'))
    const command = [execPath, MAIN, '--home', shop.home, 'analyze', file].map((word) => `'${word}'`).join(' ')
    const said = await converse(command, ['open barley', 'open sesame'])
    expect(said).toContain('That is not the passphrase of this file.')
    expect(said).toContain('No problems were found.')
    expect(said).not.toMatch(/barley|sesame/)
  },
)

/** Runs a command on a terminal of its own, and types a line each time it asks. What the terminal showed. */
function converse(command: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('script', ['-qec', command, '/dev/null'])
    let said = ''
    let typed = 0
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.split('passphrase: ').length - 1 > typed) {
        child.stdin.write(`${lines[typed++] ?? ''}\n`)
      }
    })
    child.on('close', () => resolve(said))
  })
}
