import { copyFileSync, writeFileSync } from 'node:fs'
import { makeTestShop, type TestShop } from '@tillsafe/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJson, runTillsafe, TryOut } from '../testing/try-out.ts'

const KEY = `the till's "key" é`
const NEW_KEY = 'a new passphrase'

describe('a shop whose database is encrypted, on the command line', () => {
  const tryOut = new TryOut()
  const said: string[] = []
  let till: TestShop
  let newTill: TestShop

  beforeAll(async () => {
    till = await makeTestShop({ days: 1, databaseKey: KEY })
    newTill = await makeTestShop({ days: 1, databaseKey: NEW_KEY })
    writeFileSync(tryOut.path('key'), `${KEY}\n`)
    writeFileSync(tryOut.path('new-key'), NEW_KEY)
  }, 60_000)
  afterAll(async () => {
    tryOut[Symbol.dispose]()
    await till[Symbol.asyncDispose]()
    await newTill[Symbol.asyncDispose]()
  })

  test('needs its key, and nothing is made without', async () => {
    expect(await init()).toMatchObject({ exitCode: 3, code: 'source.key-needed' })
    expect(await init('--database-key-file', tryOut.path('new-key'))).toMatchObject({
      exitCode: 3,
      code: 'source.key-wrong',
    })
    expect(await init('--database-key-file', tryOut.path('none'))).toMatchObject({ exitCode: 2, code: 'usage.invalid' })
    expect(Object.keys(await tryOut.tree()).filter((file) => file.startsWith('home'))).toEqual([])
  })

  test('is made with it, and the format is found', async () => {
    const { exitCode, document } = await init('--database-key-file', tryOut.path('key'))
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({
      workspace: { encryption: { cipher: 'sqlcipher', format: 4, key: 'kiosk' } },
      database: { encryption: 'sqlcipher-4' },
    })
    expect(readJson(tryOut.path('home', 'secrets.json'))).toMatchObject({ databaseKeys: { kiosk: [{ key: KEY }] } })
    expect(JSON.stringify(readJson(tryOut.path('home', 'tillsafe.json')))).not.toContain(
      JSON.stringify(KEY).slice(1, -1),
    )
  })

  test('is backed up, verified and shown', async () => {
    await ask('backup')
    expect(await ask('verify', '--all')).toMatchObject({ exitCode: 0 })
    expect(await ask('doctor')).toMatchObject({ exitCode: 0 })
  })

  test('says what to do once the till has changed its key', async () => {
    copyFileSync(newTill.databaseFile, till.databaseFile)
    expect(await ask('backup')).toMatchObject({ exitCode: 3, code: 'source.key-wrong' })
    const { document } = await ask('doctor')
    expect(String((document as { needs: string[] }).needs)).toContain('tillsafe workspace key kiosk')
  })

  test('takes the new key when it opens the database, and keeps the old one for older backups', async () => {
    const before = readJson(tryOut.path('home', 'secrets.json'))
    const refused = await ask('workspace', 'key', 'kiosk', '--database-key-file', tryOut.path('key'))
    expect(refused).toMatchObject({ exitCode: 3, code: 'source.key-wrong' })
    expect(readJson(tryOut.path('home', 'secrets.json'))).toEqual(before)
    expect(await ask('workspace', 'key', 'kiosk', '--database-key-file', tryOut.path('new-key'))).toMatchObject({
      exitCode: 0,
      document: { database: { encryption: 'sqlcipher-4' } },
    })
    expect(readJson(tryOut.path('home', 'secrets.json'))).toMatchObject({
      databaseKeys: { kiosk: [{ key: NEW_KEY }, { key: KEY }] },
    })
    await ask('backup')
    expect(await ask('verify', '--all')).toMatchObject({ exitCode: 0 })
  })

  test('has a second encrypted workspace beside it; one that is not encrypted takes no key', async () => {
    const other = tryOut.path('other.db')
    copyFileSync(newTill.databaseFile, other)
    const add = ['workspace', 'add', '--name', 'Other', '--database', other, '--database-key-file']
    expect(await ask(...add, tryOut.path('new-key'))).toMatchObject({ exitCode: 0 })
    expect(await ask('backup', '--workspace', 'other')).toMatchObject({ exitCode: 0 })
    const plain = ['workspace', 'add', '--name', 'Plain', '--database', tryOut.database, '--database-key-file']
    expect(await ask(...plain, tryOut.path('key'))).toMatchObject({ exitCode: 3, code: 'source.not-encrypted' })
  })

  test('none of this has ever shown a key', () => {
    expect(said.length).toBeGreaterThan(10)
    expect(said.filter((text) => text.includes(JSON.stringify(KEY).slice(1, -1)) || text.includes(KEY))).toEqual([])
    expect(said.filter((text) => text.includes(NEW_KEY))).toEqual([])
  })

  function init(...more: readonly string[]): ReturnType<typeof ask> {
    return ask('init', '--name', 'Kiosk', '--country', 'BE', '--database', till.databaseFile, ...more)
  }

  async function ask(...args: readonly string[]): Promise<{ exitCode: number; code?: string; document: unknown }> {
    const { exitCode, stdout, stderr } = await runTillsafe(['--home', tryOut.home, ...args, '--json'])
    said.push(stdout, stderr)
    const document = JSON.parse(stdout) as { error?: { code: string } }
    return { exitCode, document, ...(document.error && { code: document.error.code }) }
  }
})
