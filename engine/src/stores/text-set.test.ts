import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextSet } from './text-set.ts'

test('knows what was added, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.array(fc.string({ unit: 'grapheme' })),
      (added, asked) => {
        const set = new TextSet()
        for (const text of added) {
          set.add(text)
        }
        const known = new Set(added)
        expect([...added, ...asked].map((text) => set.has(text))).toEqual(
          [...added, ...asked].map((text) => known.has(text)),
        )
      },
    ),
  )
})

test('goes on knowing while it grows', () => {
  const set = new TextSet()
  for (let n = 0; n < 20_000; n++) {
    set.add(`images/${n}`)
    set.add(`images/${n}`)
  }
  for (let n = 0; n < 20_000; n++) {
    expect(set.has(`images/${n}`) && !set.has(`image/${n}`)).toBe(true)
  }
})
