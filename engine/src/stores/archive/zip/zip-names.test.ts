import { describe, expect, test } from 'vitest'
import { ZipNames } from './zip-names.ts'

describe('the names of an archive', () => {
  test.each([
    [['a', 'b', 'c/a', 'c/b', 'd/c/a']],
    [['Images/a', 'images/b']],
    [['Maße.jpg', 'Masse.jpg']],
    [['ﬁ.png', 'fi.png']],
    [['a', 'ab', 'a.b', 'a b']],
  ])('%j may stand beside each other', (all) => {
    const names = new ZipNames()
    expect(all.map((name) => names.add(name))).toEqual(all.map(() => undefined))
  })

  test.each([
    ['a', 'a'],
    ['Tea.JPG', 'tea.jpg'],
    ['É', 'é'],
    ['\u00e9', 'e\u0301'],
    ['\u00c9', 'e\u0301'],
    ['\u212a', 'k'], // the sign of Kelvin
    ['Σ', 'ς'],
    ['images/Tea/a', 'IMAGES/tea/A'],
    ['a/b', 'a'],
    ['a/b/c', 'A'],
    ['a', 'a/b'],
    ['a', 'A/b/c'],
  ])('%j and %j may not', (first, second) => {
    const names = new ZipNames()
    expect(names.add(first)).toBeUndefined()
    expect(names.add(second)).toEqual(expect.any(String))
  })

  test('one that was refused takes no place', () => {
    const names = new ZipNames()
    names.add('a')
    expect(names.add('a/b/c')).toEqual(expect.any(String))
    expect(names.add('../x')).toEqual(expect.any(String))
    expect(names.add('b')).toBeUndefined()
    expect(names.add('a2/b/c')).toBeUndefined()
  })
})
