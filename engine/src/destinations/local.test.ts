import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesContent, readAll } from '../snapshot/bytes-content.ts'
import { collect } from '../testing/collect.ts'
import { type Fault, FaultyDisk } from '../testing/faulty-disk.ts'
import { type Disk, realDisk } from '../work/disk.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'
import { destinationChecks } from './checks.ts'
import { LocalDestination } from './local.ts'

const OWNER = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'
const content = bytesContent(Buffer.from('the whole object'))

/** As on exFAT: links are refused. */
const diskWithoutLinks: Disk = {
  ...realDisk,
  link: async () => await Promise.reject(Object.assign(new Error('EPERM: no links here'), { code: 'EPERM' })),
}

let folder: TemporaryFolder
let rooms = 0
beforeEach(async () => {
  folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-local-')
})
afterEach(async () => await folder[Symbol.asyncDispose]())

async function emptyRoot(): Promise<string> {
  const path = folder.join(`root ${rooms++}`)
  await mkdir(path)
  return path
}

async function draftsIn(path: string): Promise<string[]> {
  return await readdir(join(path, '.tillsafe-drafts')).catch(() => [])
}

describe.each([
  ['a local destination', realDisk],
  ['a local destination without links', diskWithoutLinks],
])('%s', (_, disk) => {
  test.each(destinationChecks)('$name', async ({ run }) => {
    await run(async () => new LocalDestination({ path: await emptyRoot(), owner: OWNER, disk }))
  })

  test('leaves no draft behind, whether a write succeeds or fails', async () => {
    const path = await emptyRoot()
    const destination = new LocalDestination({ path, owner: OWNER, disk })
    await destination.write('a/b', content)
    await expect(destination.write('a/b', content)).rejects.toThrow()
    await expect(destination.write('a/c', { bytes: 99, open: content.open })).rejects.toThrow()
    await Promise.allSettled([destination.write('a/d', content), destination.write('a/d', content)])
    expect(await draftsIn(path)).toEqual([])
  })

  describe.each(['ENOSPC', 'EIO', 'EROFS'])('when the n-th call fails with %s', (code) => {
    test.each(['once', 'from-then-on'] as const)(
      '%s, there is the whole object or none, and no draft after sweep',
      async (lasts) => {
        let reached = true
        for (let call = 1; reached; call++) {
          reached = await survives({ call, code, lasts })
          expect(call).toBeLessThan(60)
        }
      },
    )

    async function survives(fault: Fault): Promise<boolean> {
      const path = await emptyRoot()
      const faulty = new FaultyDisk({ disk, fault })
      const outcome = await new LocalDestination({ path, owner: OWNER, disk: faulty })
        .write('a folder/key', content)
        .then(
          () => 'written',
          (error: unknown) => error,
        )
      const after = new LocalDestination({ path, owner: OWNER, disk })
      await after.sweep()
      const found = await collect(after.list(''))
      expect(outcome === 'written' ? found : found.slice(1)).toEqual(outcome === 'written' ? ['a folder/key'] : [])
      for (const key of found) {
        expect(String(await readAll(await after.read(key)))).toBe('the whole object')
      }
      if (outcome !== 'written') {
        expect(outcome).toMatchObject({
          code: { ENOSPC: 'destination.full', EIO: 'destination.failed', EROFS: 'destination.denied' }[code],
        })
        await after.write('another', content)
        await after.remove('a folder/key')
        await after.write('a folder/key', content)
      }
      expect(await draftsIn(path)).toEqual([])
      return faulty.failed
    }
  })
})

describe('a local destination', () => {
  test('syncs an object before it has its name, and the folder after', async () => {
    const path = await emptyRoot()
    const disk = new FaultyDisk()
    await new LocalDestination({ path, owner: OWNER, disk }).write('a/b', content)
    const names = disk.calls.map((call) => call.name)
    expect(names.filter((name) => !['stat', 'mkdir'].includes(name))).toEqual([
      'syncFolder', // the drafts folder is made
      'open',
      'file.write',
      'file.sync',
      'file.close',
      'syncFolder', // the folder of the key is made
      'link',
      'unlink',
      'syncFolder',
    ])
    expect(disk.calls.at(-1)).toEqual({ name: 'syncFolder', path: join(path, 'a') })
  })

  test('pushes a large object to the disk in steps', async () => {
    const disk = new FaultyDisk()
    const bytes = 40 * 1024 * 1024
    const chunk = Buffer.alloc(1024 * 1024, 7)
    await new LocalDestination({ path: await emptyRoot(), owner: OWNER, disk }).write('large', {
      bytes,
      async open() {
        return (async function* () {
          for (let done = 0; done < bytes; done += chunk.byteLength) {
            yield chunk
          }
        })()
      },
    })
    expect(disk.calls.filter((call) => call.name === 'file.datasync')).toHaveLength(20)
  })

  test('syncs the name of a folder that an interrupted process may have made', async () => {
    const path = await emptyRoot()
    await mkdir(join(path, 'a'))
    const disk = new FaultyDisk()
    await new LocalDestination({ path, owner: OWNER, disk }).write('a/b', content)
    expect(disk.calls).toContainEqual({ name: 'syncFolder', path })
  })

  test('never makes a folder that is missing: a disk may be unplugged', async () => {
    const path = folder.join('unplugged')
    const destination = new LocalDestination({ path, owner: OWNER })
    const missing = { code: 'destination.missing' }
    await expect(destination.write('a/b', content)).rejects.toMatchObject(missing)
    await expect(destination.read('a/b')).rejects.toMatchObject(missing)
    await expect(destination.size('a/b')).rejects.toMatchObject(missing)
    await expect(destination.remove('a/b')).rejects.toMatchObject(missing)
    await expect(destination.sweep()).rejects.toMatchObject(missing)
    await expect(collect(destination.list(''))).rejects.toMatchObject(missing)
    expect(await readdir(folder.path)).toEqual([])
  })

  test('never makes a folder that goes missing during a write', async () => {
    const path = await emptyRoot()
    const away = folder.join('pulled out')
    const destination = new LocalDestination({ path, owner: OWNER })
    const writing = destination.write('a/b', {
      bytes: 2,
      async open() {
        return (async function* () {
          yield Buffer.from('a')
          await rename(path, away)
          yield Buffer.from('b')
        })()
      },
    })
    await expect(writing).rejects.toMatchObject({ code: 'destination.missing' })
    expect(await readdir(folder.path)).toEqual(['pulled out'])
  })

  test('takes a symbolic link as its root', async () => {
    await symlink(await emptyRoot(), folder.join('link'))
    const destination = new LocalDestination({ path: folder.join('link'), owner: OWNER })
    await destination.write('a/b', content)
    expect(await collect(destination.list(''))).toEqual(['a/b'])
  })

  test('shows only plain files that are no draft, not hidden, and no link', async () => {
    const path = await emptyRoot()
    const destination = new LocalDestination({ path, owner: OWNER })
    await destination.write('a/b', content)
    await writeFile(join(path, '.hidden'), 'x')
    await mkdir(join(path, '.Trash'))
    await writeFile(join(path, '.Trash', 'old'), 'x')
    await writeFile(join(path, 'it is; no key'), 'x')
    await writeFile(join(path, '.tillsafe-drafts', `${OWNER.slice(0, 16)}-1.draft`), 'x')
    await symlink(join(path, 'a', 'b'), join(path, 'a', 'link'))
    await symlink(join(path, 'a'), join(path, 'folder link'))
    await symlink(path, join(path, 'a', 'circle'))
    expect(await collect(destination.list(''))).toEqual(['a/b'])
    expect(await destination.size('a/link')).toBeUndefined()
    await expect(destination.read('a/link')).rejects.toMatchObject({ code: 'object.missing' })
  })

  test('sweeps its own drafts and leaves those of another shop', async () => {
    const path = await emptyRoot()
    await new LocalDestination({ path, owner: OWNER }).write('a/b', content)
    const drafts = ['1.draft', '2.draft', 'x.reserved'].flatMap((name) => [
      `${OWNER.slice(0, 16)}-${name}`,
      `${OTHER.slice(0, 16)}-${name}`,
    ])
    for (const name of drafts) {
      await writeFile(join(path, '.tillsafe-drafts', name), 'left')
    }
    await new LocalDestination({ path, owner: OWNER }).sweep()
    expect((await draftsIn(path)).every((name) => name.startsWith(OTHER.slice(0, 16)))).toBe(true)
    expect(await draftsIn(path)).toHaveLength(3)
    expect(await readFile(join(path, 'a', 'b'), 'utf8')).toBe('the whole object')
  })

  test('does not sweep away what it is writing', async () => {
    const destination = new LocalDestination({ path: await emptyRoot(), owner: OWNER })
    await destination.write('a/b', {
      bytes: 1,
      async open() {
        await destination.sweep()
        return await bytesContent(Buffer.from('x')).open()
      },
    })
    expect(await destination.size('a/b')).toBe(1)
  })

  test('names the needed and the free bytes when the disk is full', async () => {
    const path = await emptyRoot()
    const disk = new FaultyDisk({ fault: { call: 6, code: 'ENOSPC', lasts: 'from-then-on' } })
    const writing = new LocalDestination({ path, owner: OWNER, disk }).write('a/b', content)
    await expect(writing).rejects.toThrow(/could not write a\/b \(16 bytes\) in .*: ENOSPC, \d+ bytes are free/)
  })

  test('reports a disk that fails while it is read', async () => {
    const path = await emptyRoot()
    await new LocalDestination({ path, owner: OWNER }).write('a', content)
    for (const call of [2, 3]) {
      const disk = new FaultyDisk({ fault: { call, code: 'EIO', lasts: 'from-then-on' } })
      const stream = await new LocalDestination({ path, owner: OWNER, disk }).read('a')
      await expect(readAll(stream)).rejects.toMatchObject({ code: 'destination.failed' })
    }
  })

  test('keeps the error of the system as the cause', async () => {
    const disk = new FaultyDisk({ fault: { call: 1, code: 'EACCES', lasts: 'once' } })
    const destination = new LocalDestination({ path: await emptyRoot(), owner: OWNER, disk })
    await expect(destination.size('a')).rejects.toMatchObject({
      code: 'destination.denied',
      cause: { code: 'EACCES' },
    })
  })
})
