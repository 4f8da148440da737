import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Disk, realDisk } from '../work/disk.ts'
import { makeFolder, nameDraft, once, replaceFile, writeNewFile } from '../work/durable-files.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'
import { FaultyDisk } from './faulty-disk.ts'

const refusingLinks = (code: string): Disk => ({
  ...realDisk,
  link: async () => await Promise.reject(Object.assign(new Error(code), { code })),
})

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-durable-')
})
afterEach(async () => await folder[Symbol.asyncDispose]())

function names({ calls }: FaultyDisk): string[] {
  return calls.map((call) => call.name)
}

/** Runs a deed again and again, its first call failing, then its second …, until none fails. */
async function failingEach(
  code: string,
  deed: (disk: FaultyDisk) => Promise<unknown>,
  afterwards: (error: unknown) => Promise<void>,
): Promise<void> {
  for (const lasts of ['once', 'from-then-on'] as const) {
    let reached = true
    for (let call = 1; reached; call++) {
      const disk = new FaultyDisk({ fault: { call, code, lasts } })
      const error = await deed(disk).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      reached = disk.failed
      await afterwards(error)
      expect(call).toBeLessThan(100)
    }
  }
}

describe('a new file', () => {
  test('is written, then synced, then closed', async () => {
    const disk = new FaultyDisk()
    expect(await writeNewFile(disk, folder.join('a'), once(Buffer.from('bytes')))).toBe(5)
    expect(names(disk)).toEqual(['open', 'file.write', 'file.sync', 'file.close'])
    expect(await readFile(folder.join('a'), 'utf8')).toBe('bytes')
  })

  test('may be empty', async () => {
    async function* nothing(): AsyncIterable<Uint8Array> {}
    expect(await writeNewFile(realDisk, folder.join('a'), nothing())).toBe(0)
    expect(await readFile(folder.join('a'), 'utf8')).toBe('')
  })

  test('is pushed to the disk every 2 MiB', async () => {
    const disk = new FaultyDisk()
    async function* bytes(): AsyncIterable<Uint8Array> {
      for (let count = 0; count < 5; count++) {
        yield Buffer.alloc(1024 * 1024)
      }
    }
    await writeNewFile(disk, folder.join('a'), bytes())
    expect(names(disk).filter((name) => name === 'file.datasync')).toHaveLength(2)
  })

  test('never replaces one that is there', async () => {
    await writeFile(folder.join('a'), 'old')
    await expect(writeNewFile(realDisk, folder.join('a'), once(Buffer.from('new')))).rejects.toMatchObject({
      code: 'EEXIST',
    })
    expect(await readFile(folder.join('a'), 'utf8')).toBe('old')
  })

  test('is readable by this user only', async () => {
    await writeNewFile(realDisk, folder.join('a'), once(Buffer.from('x')))
    expect((await realDisk.stat(folder.join('a'))).mode & 0o077).toBe(0)
  })

  test('that could not be completed is removed, and a failed sync is not tried again', async () => {
    await failingEach(
      'EIO',
      async (disk) => {
        const outcome = await writeNewFile(disk, folder.join('a'), once(Buffer.from('bytes'))).catch((error) => error)
        expect(names(disk).filter((name) => name === 'file.sync').length).toBeLessThan(2)
        await realDisk.unlink(folder.join('a')).catch(() => undefined)
        if (outcome instanceof Error) {
          throw outcome
        }
      },
      async () => expect(await readdir(folder.path)).toEqual([]),
    )
  })

  test('is gone when its bytes break off', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('half')
      throw new Error('broke')
    }
    await expect(writeNewFile(realDisk, folder.join('a'), broken())).rejects.toThrow('broke')
    expect(await readdir(folder.path)).toEqual([])
  })

  test('is whole when the disk takes a few bytes at a time', async () => {
    const slow: Disk = {
      ...realDisk,
      async open(path, flags, mode) {
        const file = await realDisk.open(path, flags, mode)
        return new Proxy(file, {
          get: (target, property) => {
            const value: unknown = Reflect.get(target, property, target)
            if (property === 'write') {
              return async (bytes: Uint8Array, offset: number, length: number) =>
                await target.write(bytes, offset, Math.min(length, 3))
            }
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
      },
    }
    await writeNewFile(slow, folder.join('a'), once(Buffer.from('ten bytes!')))
    expect(await readFile(folder.join('a'), 'utf8')).toBe('ten bytes!')
  })
})

describe('replacing a small file', () => {
  test('leaves the old text or the new one, whichever call fails', async () => {
    const path = folder.join('settings.json')
    await failingEach(
      'ENOSPC',
      async (disk) => {
        await writeFile(path, 'old')
        await replaceFile(disk, path, 'new text')
      },
      async (error) => {
        const text = await readFile(path, 'utf8')
        expect(error === undefined ? ['new text'] : ['old', 'new text']).toContain(text)
        await replaceFile(realDisk, path, 'later')
        expect(await readFile(path, 'utf8')).toBe('later')
        expect(await readdir(folder.path)).toEqual(['settings.json'])
      },
    )
  })

  test('syncs the text before it has the name, and the folder after', async () => {
    const disk = new FaultyDisk()
    await replaceFile(disk, folder.join('a'), 'x')
    expect(names(disk)).toEqual(['unlink', 'open', 'file.write', 'file.sync', 'file.close', 'rename', 'syncFolder'])
  })
})

describe.each([
  ['with links', realDisk],
  ['where links do not exist', refusingLinks('EPERM')],
  ['where links are not supported', refusingLinks('ENOTSUP')],
])('naming a draft %s', (_, disk) => {
  beforeEach(async () => await writeFile(folder.join('draft'), 'draft'))

  test('gives the draft its name and syncs the folder last', async () => {
    const recording = new FaultyDisk({ disk })
    await nameDraft(recording, folder.join('draft'), folder.join('name'))
    expect(await readdir(folder.path)).toEqual(['name'])
    expect(recording.calls.at(-1)).toEqual({ name: 'syncFolder', path: folder.path })
  })

  test('never replaces what has the name', async () => {
    await writeFile(folder.join('name'), 'old')
    const naming = nameDraft(disk, folder.join('draft'), folder.join('name'))
    await expect(naming).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(folder.join('name'), 'utf8')).toBe('old')
    expect((await readdir(folder.path)).toSorted()).toEqual(['draft', 'name'])
  })

  test('lets one of several drafts win', async () => {
    const drafts = ['1', '2', '3', '4'].map((name) => folder.join(name))
    for (const draft of drafts) {
      await writeFile(draft, draft)
    }
    const outcomes = await Promise.allSettled(
      drafts.map(async (draft) => await nameDraft(disk, draft, folder.join('name'))),
    )
    const winners = drafts.filter((_draft, index) => outcomes[index]?.status === 'fulfilled')
    expect(winners).toEqual([await readFile(folder.join('name'), 'utf8')])
  })

  test('leaves the name free or whole, whichever call fails', async () => {
    await failingEach(
      'EIO',
      async (faulty) => {
        for (const name of await readdir(folder.path)) {
          await realDisk.unlink(folder.join(name))
        }
        await writeFile(folder.join('draft'), 'whole')
        // The faults are those of a disk that has, or has not, links.
        await nameDraft(withLinksOf(faulty, disk), folder.join('draft'), folder.join('name'))
      },
      async (error) => {
        const text = await readFile(folder.join('name'), 'utf8').catch(() => undefined)
        expect(error === undefined ? ['whole'] : ['whole', undefined]).toContain(text)
      },
    )
  })

  function withLinksOf(faulty: FaultyDisk, links: Disk): Disk {
    return new Proxy<Disk>(faulty, {
      get: (target, property) => {
        const value: unknown = Reflect.get(property === 'link' ? links : target, property)
        return typeof value === 'function' ? value.bind(property === 'link' ? links : target) : value
      },
    })
  }
})

test('a draft on a disk that is only failing is not renamed', async () => {
  await writeFile(folder.join('draft'), 'draft')
  const naming = nameDraft(refusingLinks('EIO'), folder.join('draft'), folder.join('name'))
  await expect(naming).rejects.toMatchObject({ code: 'EIO' })
  expect(await readdir(folder.path)).toEqual(['draft'])
})

describe('making a folder', () => {
  test('makes those above it, and syncs the name of each', async () => {
    const disk = new FaultyDisk()
    await makeFolder(disk, folder.join('a/b/c'))
    expect((await realDisk.stat(folder.join('a/b/c'))).isDirectory()).toBe(true)
    const synced = disk.calls.filter((call) => call.name === 'syncFolder').map((call) => call.path)
    expect(synced).toEqual([folder.path, folder.join('a'), folder.join('a/b')])
  })

  test('does not mind one that is there', async () => {
    await mkdir(folder.join('a'))
    await makeFolder(realDisk, folder.join('a'))
    expect(await readdir(dirname(folder.join('a')))).toEqual(['a'])
  })

  test('does not go on when it may not', async () => {
    const disk = new FaultyDisk({ fault: { call: 1, code: 'EACCES', lasts: 'once' } })
    await expect(makeFolder(disk, folder.join('a/b'))).rejects.toMatchObject({ code: 'EACCES' })
    expect(await readdir(folder.path)).toEqual([])
  })
})
