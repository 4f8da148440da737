import fc from 'fast-check'
import { expect, test } from 'vitest'
import { typedLines } from './typed-lines.ts'

const words = fc.array(fc.string({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 8 })
const line = words.map((all) => all.map((word) => word.replace(/\s+/g, '/')).join(' '))

test('what is typed over several lines is the line, with nothing lost and nothing in between', () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 20, max: 90 }), (text, characters) => {
      const [first = '', ...others] = typedLines(text, characters)
      expect([first, ...others.map((other) => other.slice(3))].join('')).toBe(text)
      expect(others.every((other) => other.startsWith('   '))).toBe(true)
      expect([first, ...others].every((one) => one.length <= characters)).toBe(true)
    }),
  )
})

test('a line is never broken beside a blank, where nobody would see it', () => {
  fc.assert(
    fc.property(line, (text) => {
      const lines = typedLines(text, 20).map((one, n) => (n === 0 ? one : one.slice(3)))
      expect(lines.slice(0, -1).some((one) => one.endsWith(' '))).toBe(false)
      expect(lines.slice(1).some((one) => one.startsWith(' '))).toBe(false)
    }),
  )
})
