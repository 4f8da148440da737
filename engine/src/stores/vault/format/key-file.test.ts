import { describe, expect, test } from 'vitest'
import { decodeKeyFile, encodeKeyFile, newVaultKey, openKeyFile } from './key-file.ts'

const maker = { hostname: 'till', username: 'ann' }

describe('a key file', () => {
  test.each(['random', 'phrase'] as const)('opens with its password (%s) and no other', async (kind) => {
    const key = newVaultKey()
    const file = decodeKeyFile(await encodeKeyFile(key, 'open sesame', kind, maker, 0))
    expect(file).toMatchObject({ created: '1970-01-01T00:00:00Z', ...maker })
    expect(file && (await openKeyFile(file, 'open sesame'))).toEqual(key)
    expect(file && (await openKeyFile(file, 'open barley'))).toBeUndefined()
  })

  test.each([
    ['needs more memory than any honest one', { N: 2 ** 19 }],
    ['keeps us busy for hours', { p: 1024 }],
    ['has a cost that the function does not take', { N: 3 }],
    ['has another function', { kdf: 'pbkdf2' }],
    ['has no salt', { salt: '' }],
  ])('that %s is none', async (_, changes) => {
    const file: unknown = JSON.parse(String(await encodeKeyFile(newVaultKey(), 'x', 'random', maker, 0)))
    expect(decodeKeyFile(Buffer.from(JSON.stringify(Object.assign({}, file, changes))))).toBeUndefined()
  })

  test.each(['', '[]', '{', 'null'])('is not %j', (text) => {
    expect(decodeKeyFile(Buffer.from(text))).toBeUndefined()
  })
})
