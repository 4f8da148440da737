import { join, relative, resolve, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEntryPath } from './entry.ts'

describe('an entry path', () => {
  test.each([
    'a',
    'database.db',
    'images/drinks/tea.JPG',
    'É e/œ 店/😀.png',
    '.hidden/a',
    'a..b/...c',
    ' leading space',
    'console',
    'com10',
    'a'.repeat(4095),
    '-rf',
    '~/a',
    '$HOME',
    '%2e%2e/a',
  ])('may be %j', (path) => {
    expect(isEntryPath(path)).toBe(true)
  })

  test.each([
    '',
    '.',
    '..',
    '/',
    '/etc/passwd',
    '../a',
    'a/..',
    'a/../../b',
    'a/./b',
    './a',
    'a//b',
    'a/',
    '\\\\server\\share',
    'a\\b',
    '..\\a',
    'C:',
    'C:/a',
    'c:a',
    'a:stream',
    'a/b::$DATA',
    'a\0',
    'a\n',
    'a\u007f',
    'a\u001b[31m',
    'a*',
    'a?',
    'a|b',
    '<a>',
    'a"b',
    'a.',
    'a ',
    'a./b',
    'a /b',
    '...',
    'nul',
    'NUL.txt',
    'a/Con',
    'prn.tar.gz',
    'aux',
    'COM1',
    'lpt9.x',
    'com¹',
    'conin$',
    'CONOUT$',
    'a'.repeat(4096),
  ])('may not be %j', (path) => {
    expect(isEntryPath(path)).toBe(false)
  })

  test('never leads out of the folder it is joined to, on this platform or on Windows', () => {
    const anyPath = fc.string({
      unit: fc.constantFrom('.', '..', '/', '\\', 'a', ':', 'C', ' ', '\0', '~'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(anyPath, (path) => {
        if (isEntryPath(path)) {
          expect(relative('/safe', resolve('/safe', path))).toBe(path)
          expect(join('/safe', path).startsWith('/safe/')).toBe(true)
          expect(win32.relative('C:\\safe', win32.resolve('C:\\safe', path))).toBe(path.replaceAll('/', '\\'))
        }
      }),
      { numRuns: 5000 },
    )
  })
})
