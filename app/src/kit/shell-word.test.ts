import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from './shell-word.ts'
import { isPrintable } from './win-ansi.ts'

test.each([
  ['/mnt/usb/backups', '/mnt/usb/backups'],
  ['/mnt/Café du Port', "'/mnt/Café du Port'"],
  ["/mnt/chez l'ami", `'/mnt/chez l'\\''ami'`],
  ['D:\\Caisse $1', "'D:\\Caisse $1'"],
  ["\\\\nas\\l'été", "'\\\\nas\\l''été'"],
])('%s is typed as %s', (path, word) => {
  expect(shellWord(path)).toBe(word)
})

test.skipIf(platform() === 'win32')(
  'a shell takes the word for the path, also where the page lacks a character',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-words-'))
    try {
      for (const name of ['Żabka', '店 1', 'l\'été $HOME `x` \\ "', 'cafe\u0301', 'a\u00a0b', 'tab\there', 'a*b?[c]']) {
        mkdirSync(join(folder, name))
        const word = shellWord(join(folder, name))
        expect(Array.from(word).every(isPrintable)).toBe(true)
        const env = { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' }
        const { stdout } = spawnSync('bash', ['-c', `cd ${word} && pwd`], { encoding: 'utf8', env })
        expect(stdout).toBe(`${join(folder, name)}\n`)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test.skipIf(platform() === 'win32')('a shell takes the word of any path that can be printed for that path', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), (path) => {
      fc.pre(Array.from(path).every(isPrintable) && !/^[A-Za-z]:[\\/]|^\\\\/.test(path))
      const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(path)}`], { encoding: 'utf8' })
      expect(stdout).toBe(path)
    }),
    { numRuns: 30 },
  )
})
