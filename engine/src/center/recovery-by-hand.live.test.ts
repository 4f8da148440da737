import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { createShop } from './create-shop.ts'

test.skipIf(needs('age', 'script'))('stock age opens recovery.age with the key as it is printed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-by-hand-'))
  try {
    const shop = await createShop(join(folder, 'home'), {
      name: 'Café du Port',
      country: 'BE',
      timeZone: 'Europe/Brussels',
      source: { engine: 'sqlite', database: join(folder, 'pos.db') },
      destination: join(folder, 'usb'),
    })
    const output = join(folder, 'recovery.json')
    await typeInto(`age --decrypt --output ${output} ${join(folder, 'usb', 'recovery.age')}`, shop.secrets.recoveryKey)
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
      kind: 'tillsafe.recovery',
      version: 1,
      identity: JSON.parse(readFileSync(shop.home.identity, 'utf8')),
      settings: JSON.parse(readFileSync(shop.home.settings, 'utf8')),
      databaseKeys: {},
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Runs a command on a terminal of its own, and types one line when it asks. */
function typeInto(command: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null'])
    let said = ''
    child.stdout.on('data', (chunk) => {
      const hadAsked = said.includes('passphrase')
      said += chunk
      if (!hadAsked && said.includes('passphrase')) {
        child.stdin.write(`${line}\n`)
      }
    })
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said}`))))
  })
}
