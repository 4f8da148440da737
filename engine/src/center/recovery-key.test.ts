import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newRecoveryKey, parseRecoveryKey } from './recovery-key.ts'

const FORM = /^TILL(-[0-9A-HJKMNP-TV-Z]{4}){9}$/
const KEY = newRecoveryKey((count) => new Uint8Array(count).map((_, n) => n * 13))
const wrong = expect.objectContaining({ code: 'key.wrong' })

describe('the recovery key', () => {
  test('is the same for the same chance, for ever: it is on paper', () => {
    expect(KEY).toBe('TILL-006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ-4BB3')
  })

  test('has groups of characters that are not taken for others, and is never twice the same', () => {
    const keys = Array.from({ length: 200 }, () => newRecoveryKey(randomBytes))
    expect(keys.every((key) => FORM.test(key))).toBe(true)
    expect(new Set(keys).size).toBe(200)
  })

  test.each([
    ['as it is printed', (key: string) => key],
    ['in small letters', (key: string) => key.toLowerCase()],
    ['with blanks', (key: string) => ` ${key.replaceAll('-', ' ')} `],
    ['without dashes', (key: string) => key.replaceAll('-', '')],
    ['without TILL', (key: string) => key.slice(5)],
    ['with the dashes of a word processor', (key: string) => key.replaceAll('-', '–')],
    ['with O for 0 and l for 1', (key: string) => `TILL-${key.slice(5).replaceAll('0', 'O').replaceAll('1', 'l')}`],
    ['with i for 1', (key: string) => `till-${key.slice(5).replaceAll('1', 'i')}`],
  ])('is understood %s', (_, typed) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const key = newRecoveryKey(() => bytes)
        expect(parseRecoveryKey(typed(key))).toBe(key)
      }),
    )
  })

  test('names each wrong character and each two that changed places', () => {
    for (let at = 5; at < KEY.length; at++) {
      if (KEY[at] === '-') {
        continue
      }
      const other = KEY[at] === 'Z' ? 'Y' : 'Z'
      expect(() => parseRecoveryKey(`${KEY.slice(0, at)}${other}${KEY.slice(at + 1)}`), `at ${at}`).toThrow(wrong)
      const next = KEY[at + 1]
      if (next !== undefined && next !== '-' && next !== KEY[at]) {
        const swapped = `${KEY.slice(0, at)}${next}${KEY[at]}${KEY.slice(at + 2)}`
        expect(() => parseRecoveryKey(swapped), `swapped at ${at}`).toThrow(wrong)
      }
    }
  })

  test('is refused with a group too few or too many, and is not repeated', () => {
    for (const typed of ['', 'TILL', KEY.slice(0, -5), `${KEY}-0000`, `${KEY}${KEY}`, KEY.replace('0', 'U')]) {
      expect(() => parseRecoveryKey(typed)).toThrow(wrong)
      try {
        parseRecoveryKey(typed)
      } catch (error) {
        expect((error as Error).message).not.toMatch(/[0-9A-Z]{4}-[0-9A-Z]{4}/)
      }
    }
  })
})
