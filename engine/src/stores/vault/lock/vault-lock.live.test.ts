import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../../../tools/needs.ts'
import { type ResticRepository, restic, startRestic, tryRestic } from '../../../../../tools/stock-restic.ts'
import { LocalDestination } from '../../../destinations/local.ts'
import { testJob } from '../../../testing/test-job.ts'
import { systemClock } from '../../../work/system-clock.ts'
import { type VaultUser, vaultUser } from '../../../work/vault-user.ts'
import { openRepository } from '../repository/open-repository.ts'
import type { Repository } from '../repository/repository.ts'
import { VaultFiles } from '../repository/vault-files.ts'
import { holdLock } from './hold-lock.ts'
import { LockFiles } from './lock-files.ts'
import type { VaultLock } from './vault-lock.ts'

const MINUTE = 60_000

describe.skipIf(needs('restic'))('beside stock restic, a lock of ours', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillsafe-locks-'))
  const stock: ResticRepository = { folder: join(folder, 'vault'), password: 'secret' }
  const locks = join(stock.folder, 'locks')
  const started: ChildProcess[] = []
  let repository: Repository

  beforeAll(async () => {
    await restic(stock, ['init', '--repository-version', '2'])
    mkdirSync(join(folder, 'files'))
    writeFileSync(join(folder, 'files', 'a'), 'coffee')
    await backup()
    const destination = new LocalDestination({ path: folder, owner: '0'.repeat(32) })
    repository = await openRepository(new VaultFiles(destination, 'vault'), [stock.password])
  })

  afterEach(async () => {
    for (const child of started.splice(0)) {
      await end(child, 'SIGKILL')
    }
    for (const name of readdirSync(locks)) {
      rmSync(join(locks, name))
    }
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  const backup = async () => await restic(stock, ['backup', '.'], { cwd: join(folder, 'files') })
  const hold = async (exclusive: boolean, user: VaultUser = vaultUser(), waitMs = 0): Promise<VaultLock> =>
    await holdLock(repository, { exclusive, waitMs }, user, testJob({ clock: systemClock }))

  /** A lock whose holder was killed, so long ago. */
  const leave = async (exclusive: boolean, ageMs: number, user: Partial<VaultUser>): Promise<void> => {
    const now = () => new Date(Date.parse(systemClock.now()) - ageMs).toISOString()
    const files = new LockFiles(repository, { ...vaultUser(), ...user }, { ...systemClock, now })
    await files.write(exclusive)
  }

  /** A backup that goes on until its input ends: it holds a shared lock. */
  const resticAtWork = async (): Promise<ChildProcess> => {
    const child = startRestic(stock, ['backup', '--stdin'])
    started.push(child)
    child.stdin?.write('sold: coffee\n')
    while (readdirSync(locks).length === 0) {
      await setTimeout(20)
    }
    await setTimeout(300) // it looks again after it has written its lock
    return child
  }

  test.each([
    ['check'],
    ['prune'],
    ['snapshots'],
    ['backup', '.'],
    ['forget', '--keep-last', '9'],
    ['restore', 'latest', '--target', '/nowhere'],
  ])('that is exclusive keeps it out: restic %s', async (...args) => {
    await using _ = await hold(true)
    const { exitCode, stderr } = await tryRestic(stock, args, { cwd: join(folder, 'files') })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      `repository is already locked exclusively by PID ${process.pid} on ${vaultUser().hostname}`,
    )
    expect(stderr).toContain(`by ${vaultUser().username} (UID ${vaultUser().uid}, GID ${vaultUser().gid})`)
    expect(readdirSync(locks)).toHaveLength(1)
  })

  test('that is shared lets it back up, list and restore, and keeps out what wants to be alone', async () => {
    await using lock = await hold(false)
    await backup()
    await restic(stock, ['snapshots'])
    await restic(stock, ['restore', 'latest', '--target', join(folder, 'restored')])
    for (const alone of ['check', 'prune']) {
      const { exitCode, stderr } = await tryRestic(stock, [alone])
      expect(exitCode).toBe(1)
      expect(stderr).toContain(`repository is already locked by PID ${process.pid} on`)
    }
    await lock.requireHeld()
  })

  test('leaves nothing in its way when it was given back', async () => {
    await (await hold(true))[Symbol.asyncDispose]()
    await (await hold(false))[Symbol.asyncDispose]()
    expect(readdirSync(locks)).toEqual([])
    await restic(stock, ['check'])
    await restic(stock, ['prune'])
  })

  test('may be shared while restic backs up, and not be exclusive until it has ended', async () => {
    const child = await resticAtWork()
    await (await hold(false))[Symbol.asyncDispose]()
    await expect(hold(true)).rejects.toThrow(new RegExp(`^the vault is locked by process ${child.pid} of `))
    const waiting = hold(true, vaultUser(), MINUTE)
    await setTimeout(500)
    child.stdin?.end()
    await using _ = await waiting
    expect(child.exitCode).toBe(0)
  })

  test('may be exclusive at once where restic was killed', async () => {
    const child = await resticAtWork()
    await end(child, 'SIGKILL')
    expect(readdirSync(locks)).toHaveLength(1)
    await using lock = await hold(true)
    await lock.requireHeld()
    expect(readdirSync(locks)).toHaveLength(1)
  })

  test('does not believe a restic of another machine to be gone because no such process runs here', async () => {
    const child = await resticAtWork()
    await end(child, 'SIGKILL')
    await expect(hold(true, { ...vaultUser(), hostname: 'office' })).rejects.toMatchObject({ code: 'vault.locked' })
    await using _ = await hold(false, { ...vaultUser(), hostname: 'office' })
  })

  test.each([
    ['whose process here is gone', MINUTE, { pid: 4_000_000 }, true],
    ['that is older than 30 minutes, of another machine', 31 * MINUTE, { hostname: 'office' }, true],
    ['that is younger than 30 minutes, of another machine', 29 * MINUTE, { hostname: 'office' }, false],
  ])('%s is stale to both by the same rule', async (_, ageMs, user, isStale) => {
    await leave(true, ageMs, user)
    expect((await tryRestic(stock, ['check'])).exitCode).toBe(1) // restic never clears one by itself
    await restic(stock, ['unlock'])
    expect(readdirSync(locks)).toHaveLength(isStale ? 0 : 1)
    expect((await tryRestic(stock, ['check'])).exitCode).toBe(isStale ? 0 : 1)
    await restic(stock, ['unlock', '--remove-all'])
    await leave(true, ageMs, user)
    const ours = hold(false)
    await (isStale ? (await ours)[Symbol.asyncDispose]() : expect(ours).rejects.toMatchObject({ code: 'vault.locked' }))
  })

  test('that a killed process of ours has left is cleared by our next one, and then restic works again', async () => {
    await leave(false, MINUTE, { pid: 4_000_000 })
    expect((await tryRestic(stock, ['check'])).exitCode).toBe(1)
    await (await hold(false))[Symbol.asyncDispose]()
    await restic(stock, ['check'])
  })

  test('that a process of ours held when it was killed keeps restic out until one of the two clears it', async () => {
    for (const clear of [
      async () => await restic(stock, ['unlock']),
      async () => await (await hold(true))[Symbol.asyncDispose](),
    ]) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', HOLDER, folder, stock.password])
      started.push(child)
      await once(child.stdout, 'data')
      await expect(hold(false)).rejects.toThrow(`exclusively locked by process ${child.pid} of`)
      expect((await tryRestic(stock, ['check'])).stderr).toContain(`PID ${child.pid} on`)
      await end(child, 'SIGKILL')
      expect((await tryRestic(stock, ['check'])).exitCode).toBe(1)
      await clear()
      await restic(stock, ['check'])
    }
  })

  test('is not held beside one of restic, when both want it at the same time', async () => {
    for (let round = 0; round < 6; round += 1) {
      let hasEnded = false
      const check = tryRestic(stock, ['check']).finally(() => {
        hasEnded = true
      })
      await setTimeout(300 + 80 * round)
      const ours = await hold(true).catch(() => undefined)
      const wasBeside = ours !== undefined && !hasEnded
      const { exitCode, stderr } = await check
      await ours?.[Symbol.asyncDispose]()
      expect(exitCode === 0 || stderr.includes('already locked')).toBe(true)
      expect(wasBeside && exitCode === 0).toBe(false)
    }
    expect(readdirSync(locks)).toEqual([])
  })
})

/** A process of ours that holds an exclusive lock until it is killed. */
const moduleUrl = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
const HOLDER = `
  import { LocalDestination } from ${moduleUrl('../../../destinations/local.ts')}
  import { testJob } from ${moduleUrl('../../../testing/test-job.ts')}
  import { systemClock } from ${moduleUrl('../../../work/system-clock.ts')}
  import { vaultUser } from ${moduleUrl('../../../work/vault-user.ts')}
  import { openRepository } from ${moduleUrl('../repository/open-repository.ts')}
  import { VaultFiles } from ${moduleUrl('../repository/vault-files.ts')}
  import { holdLock } from ${moduleUrl('./hold-lock.ts')}
  const [, path, password] = process.argv
  const destination = new LocalDestination({ path, owner: '1'.repeat(32) })
  const repository = await openRepository(new VaultFiles(destination, 'vault'), [password])
  await holdLock(repository, { exclusive: true }, vaultUser(), testJob({ clock: systemClock }))
  console.log('held')
  setInterval(() => undefined, 1000)
`

describe('this machine', () => {
  test('knows which of its processes live', async () => {
    const { isAlive, pid } = vaultUser()
    const child = spawn('sleep', ['60'])
    expect([isAlive(pid), isAlive(1), isAlive(child.pid ?? 0)]).toEqual([true, true, true])
    await end(child, 'SIGKILL')
    expect(isAlive(child.pid ?? 0)).toBe(false)
  })
})

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
}
