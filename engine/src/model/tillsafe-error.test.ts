import { describe, expect, test } from 'vitest'
import { errorCodes } from './error-codes.ts'
import { failureOf, TillsafeError } from './tillsafe-error.ts'

describe('an error of ours', () => {
  test('has a code, a sentence, and the hint of its code', () => {
    const error = new TillsafeError('destination.full', 'the disk is full')
    expect(failureOf(error)).toEqual({
      code: 'destination.full',
      message: 'the disk is full',
      hint: errorCodes['destination.full'].hint,
    })
  })

  test('may have a better hint, the words to type, and always keeps its cause', () => {
    const cause = new Error('below')
    const error = new TillsafeError('confirmation.needed', 'type it', {
      cause,
      hint: 'Read first.',
      confirm: 'RESTORE',
    })
    expect(error.cause).toBe(cause)
    expect(failureOf(error)).toEqual({
      code: 'confirmation.needed',
      message: 'type it',
      hint: 'Read first.',
      confirm: 'RESTORE',
    })
  })

  test('has no cause when nothing caused it', () => {
    expect('cause' in new TillsafeError('internal', 'x')).toBe(false)
  })
})

describe('an error that nobody foresaw', () => {
  test.each([
    [new Error('boom'), 'boom'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{ code: 'destination.full' }, '[object Object]'],
  ])('is a defect: %s', (error, message) => {
    expect(failureOf(error)).toEqual({ code: 'internal', message, hint: errorCodes.internal.hint })
  })
})

describe('every error code', () => {
  test.each(Object.entries(errorCodes))(
    '%s is named in two words, has a hint in a sentence, and an exit code',
    (code, entry) => {
      expect(code).toMatch(/^([a-z-]+\.[a-z-]+|internal)$/)
      expect(entry.hint).toMatch(/^[A-Z`].*\.$/)
      expect([1, 2, 3, 4]).toContain(entry.exitCode)
    },
  )
})
