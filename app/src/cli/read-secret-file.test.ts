import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readSecretFile } from './read-secret-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-secret-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'secret')
  writeFileSync(path, content)
  return path
}

const invalid = expect.objectContaining({ code: 'usage.invalid' })

describe('the file of a secret', () => {
  test.each([
    ['without a line end', 'pass word', 'pass word'],
    ['with a line end', 'pass word\n', 'pass word'],
    ['with that of Windows', 'pass word\r\n', 'pass word'],
    ['with more lines', 'first\nsecond\n', 'first'],
    ['with blanks that belong to it', '  pass \t\n', '  pass \t'],
    ['with letters of every alphabet', 'mot de passe é 密碼 🔑\n', 'mot de passe é 密碼 🔑'],
    ['with the mark of an editor', '\ufeffpass\n', 'pass'],
    ['of the greatest length', 'é'.repeat(4096), 'é'.repeat(4096)],
  ])('%s', async (_, content, secret) => {
    expect(await readSecretFile(file(content))).toBe(secret)
  })

  test.each([
    ['nothing', ''],
    ['an empty first line', '\nsecret'],
    ['an empty first line of Windows', '\r\nsecret'],
    ['a line that is too long', 'a'.repeat(4097)],
    ['a very long line', '密'.repeat(100_000)],
    ['what is no UTF-8', Buffer.of(0x70, 0xff, 0x70)],
  ])('%s is refused', async (_, content) => {
    await expect(readSecretFile(file(content))).rejects.toThrow(invalid)
  })

  test('that is not there or is a folder is refused', async () => {
    await expect(readSecretFile(join(folder, 'none'))).rejects.toThrow(invalid)
    await expect(readSecretFile(folder)).rejects.toThrow(invalid)
  })
})
