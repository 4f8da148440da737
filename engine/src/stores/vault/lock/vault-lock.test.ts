import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Destination } from '../../../destinations/destination.ts'
import { MemoryDestination } from '../../../destinations/memory.ts'
import type { Clock, TillsafeError } from '../../../model/index.ts'
import { bytesContent } from '../../../snapshot/bytes-content.ts'
import { testJob } from '../../../testing/test-job.ts'
import type { VaultUser } from '../../../work/vault-user.ts'
import { newVaultKey } from '../format/key-file.ts'
import { Repository } from '../repository/repository.ts'
import { VaultFiles } from '../repository/vault-files.ts'
import { holdLock, type WantedLock } from './hold-lock.ts'
import type { Pause } from './pause.ts'
import { underLock } from './under-lock.ts'
import type { VaultLock } from './vault-lock.ts'

const MINUTE = 60_000

describe('a lock on a vault', () => {
  test('says who, since when and how, as restic writes it', async () => {
    const rig = new Rig()
    await using _ = await rig.hold({ exclusive: true }, { pid: 42, uid: 1000, gid: 100 })
    expect(await rig.texts()).toEqual([
      '{"time":"2026-11-21T10:57:00Z","exclusive":true,"hostname":"till","username":"ann","pid":42,"uid":1000,"gid":100}',
    ])
  })

  test('leaves out what Go leaves out: a user and a group of number 0', async () => {
    const rig = new Rig()
    await using _ = await rig.hold({ exclusive: false }, { uid: 0, gid: 0 })
    expect(await rig.texts()).toEqual([
      '{"time":"2026-11-21T10:57:00Z","exclusive":false,"hostname":"till","username":"ann","pid":1}',
    ])
  })

  test('is gone when it was given back', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: false })
    expect(rig.names()).toHaveLength(1)
    await lock[Symbol.asyncDispose]()
    expect(rig.names()).toEqual([])
    await rig.time.pass(10 * MINUTE)
    expect(rig.names()).toEqual([])
  })

  test.each([
    ['shared', 'shared', 'may be held'],
    ['shared', 'exclusive', 'is refused'],
    ['exclusive', 'shared', 'is refused'],
    ['exclusive', 'exclusive', 'is refused'],
  ])('%s is held by another: %s %s', async (held, wanted, outcome) => {
    const rig = new Rig()
    await using first = await rig.hold({ exclusive: held === 'exclusive' })
    const second = rig.hold({ exclusive: wanted === 'exclusive' }, { pid: 2 })
    if (outcome === 'may be held') {
      await using other = await second
      await other.requireHeld()
    } else {
      await expect(second).rejects.toMatchObject({ code: 'vault.locked' })
      expect(rig.names()).toHaveLength(1)
    }
    await first.requireHeld()
  })

  test('is refused with who holds it, where and since when', async () => {
    const rig = new Rig()
    await using _ = await rig.hold({ exclusive: true }, { pid: 42, hostname: 'office', username: 'bob\u001b[2J' })
    await rig.time.pass(MINUTE)
    await expect(rig.hold({ exclusive: false })).rejects.toThrow(
      'the vault is exclusively locked by process 42 of bob [2J on office, as of 2026-11-21T10:57:00.200Z'.replace(
        '.200',
        '.000',
      ),
    )
  })

  test('is never held beside one that it does not go with, whoever comes when', async () => {
    const clients = fc.array(
      fc.record({
        exclusive: fc.boolean(),
        startMs: fc.integer({ min: 0, max: 1500 }),
        holdMs: fc.integer({ min: 0, max: 2000 }),
      }),
      { minLength: 2, maxLength: 5 },
    )
    let held = 0
    await fc.assert(
      fc.asyncProperty(clients, fc.integer({ min: 0, max: 60 }), async (all, delayMs) => {
        const rig = new Rig()
        rig.before = async () => await rig.time.pause(delayMs, {})
        const holding = new Set<{ exclusive: boolean }>()
        const work = all.map(async (client, pid) => {
          await rig.time.pause(client.startMs, {})
          await using _ = await rig.hold({ exclusive: client.exclusive, waitMs: 20_000 }, { pid: pid + 1 })
          holding.add(client)
          held += 1
          const exclusive = [...holding].filter((holder) => holder.exclusive).length
          expect(exclusive === 0 || holding.size === 1).toBe(true)
          await rig.time.pause(client.holdMs, {})
          holding.delete(client)
        })
        const ends = Promise.allSettled(work)
        await rig.time.pass(2 * MINUTE)
        for (const end of await ends) {
          expect(end.status === 'fulfilled' || end.reason.code).toSatisfy((x) => x === true || x === 'vault.locked')
        }
        expect(rig.names()).toEqual([])
      }),
      { numRuns: 60 },
    )
    expect(held).toBeGreaterThan(60)
  })
})

describe('a lock that has to wait', () => {
  test('is held as soon as the other one is given back', async () => {
    const rig = new Rig()
    const first = await rig.hold({ exclusive: true })
    let second: VaultLock | undefined
    void rig.hold({ exclusive: true, waitMs: 10 * MINUTE }, { pid: 2 }).then((lock) => {
      second = lock
    })
    await rig.time.pass(2 * MINUTE)
    expect(second).toBeUndefined()
    expect(rig.names()).toHaveLength(1) // who waits leaves no trace
    await first[Symbol.asyncDispose]()
    await rig.time.pass(2 * MINUTE)
    await second?.requireHeld()
    expect(second).toBeDefined()
    await second?.[Symbol.asyncDispose]()
  })

  test('is refused when the time has passed', async () => {
    const rig = new Rig()
    await using _ = await rig.hold({ exclusive: true })
    const refused = expect(rig.hold({ exclusive: false, waitMs: 3 * MINUTE }, { pid: 2 })).rejects.toMatchObject({
      code: 'vault.locked',
    })
    await rig.time.pass(3 * MINUTE + 1)
    await refused
  })

  test('is given up when the job is cancelled, and leaves nothing', async () => {
    const rig = new Rig()
    await using _ = await rig.hold({ exclusive: true })
    const job = testJob({ clock: rig.time.clock })
    const waiting = holdLock(
      rig.repository,
      { exclusive: false, waitMs: MINUTE },
      user({ pid: 2 }),
      job,
      rig.time.pause,
    )
    const cancelled = expect(waiting).rejects.toMatchObject({ code: 'job.cancelled' })
    await rig.time.pass(1000)
    job.cancel()
    await cancelled
    expect(rig.names()).toHaveLength(1)
  })

  test('leaves nothing when the job is cancelled between writing and looking', async () => {
    const rig = new Rig()
    const job = testJob({ clock: rig.time.clock })
    const pause: Pause = async (milliseconds, options) => {
      job.cancel()
      await rig.time.pause(milliseconds, options)
    }
    await expect(holdLock(rig.repository, { exclusive: false }, user({}), job, pause)).rejects.toMatchObject({
      code: 'job.cancelled',
    })
    expect(rig.names()).toEqual([])
  })
})

describe('a lock of others', () => {
  test.each([
    [
      'younger than 30 minutes, on another machine, of a process that is gone',
      { hostname: 'office', pid: 99 },
      29,
      true,
    ],
    ['younger than 30 minutes, on this machine, of a process that lives', { pid: 2 }, 29, true],
    ['younger than 30 minutes, on this machine, of a process that is gone', { pid: 99 }, 1, false],
    ['31 minutes old, on another machine', { hostname: 'office', pid: 2 }, 31, false],
    ['31 minutes old, on this machine, of a process that lives', { pid: 2 }, 31, false],
    ['from ten hours ahead, on another machine', { hostname: 'office' }, -600, true],
    ['of a process number that cannot be', { pid: 0 }, 1, true],
    ['of a process group', { pid: -99 }, 1, true],
  ])('is believed or removed as restic judges: %s', async (_, who, ageMinutes, isBelieved) => {
    for (const exclusive of [true, false]) {
      const rig = new Rig()
      await rig.leave({ exclusive: true, ...who }, -ageMinutes * MINUTE)
      const held = rig.hold({ exclusive })
      if (isBelieved) {
        await expect(held).rejects.toMatchObject({ code: 'vault.locked' })
      } else {
        await using _lock = await held
      }
      expect(rig.names()).toHaveLength(isBelieved ? 1 : 0)
    }
  })

  test('that is stale and shared is left alone by a shared one, but for what a process here has left', async () => {
    const rig = new Rig()
    const old = await rig.leave({ exclusive: false, hostname: 'office' }, -40 * MINUTE)
    await rig.leave({ exclusive: false, pid: 99 }, -MINUTE)
    await using _ = await rig.hold({ exclusive: false })
    expect(rig.names()).toHaveLength(2)
    expect(rig.names()).toContain(old)
  })

  test('that nobody can read is in the way, and its file is named', async () => {
    for (const bytes of ['garbage', '{"time":"x"}']) {
      const rig = new Rig()
      await rig.destination.write(`v/locks/${'ab'.repeat(32)}`, bytesContent(Buffer.from(bytes)))
      await expect(rig.hold({ exclusive: false })).rejects.toThrow(`v/locks/${'ab'.repeat(32)}`)
      expect(rig.names()).toHaveLength(1)
    }
  })

  test('that is sealed by us and is no lock, or has no time, is in the way', async () => {
    for (const json of ['[]', 'null', '{}', lockOfOffice('yesterday')]) {
      const rig = new Rig()
      await rig.repository.writeFile('locks', Buffer.from(json))
      await expect(rig.hold({ exclusive: false })).rejects.toMatchObject({ code: 'vault.locked' })
    }
  })

  test('with the nanoseconds and the time zone that Go writes is understood', async () => {
    const rig = new Rig()
    await rig.repository.writeFile('locks', Buffer.from(lockOfOffice('2026-11-21T11:56:30.123456789+01:00')))
    await expect(rig.hold({ exclusive: false })).rejects.toThrow('as of 2026-11-21T10:56:30.123Z')
  })

  test('that is an empty file is none: its writer will look for ours', async () => {
    const rig = new Rig()
    await rig.destination.write(`v/locks/${'ab'.repeat(32)}`, bytesContent(Buffer.alloc(0)))
    await using _ = await rig.hold({ exclusive: true })
  })

  test('that goes while we look is none', async () => {
    const rig = new Rig()
    const name = await rig.leave({ exclusive: true, hostname: 'office' }, 0)
    rig.before = async (verb, key) => {
      if (verb === 'read' && key.endsWith(name)) {
        await rig.destination.remove(key)
      }
    }
    await using _ = await rig.hold({ exclusive: true })
  })

  test('that its holder renews while we find it stale is believed', async () => {
    const rig = new Rig()
    const pause: Pause = async (milliseconds, options) => {
      const stale = await rig.leave({ exclusive: true, hostname: 'office' }, -31 * MINUTE)
      rig.before = async (verb, key) => {
        if (verb === 'remove' && key.endsWith(stale)) {
          await rig.leave({ exclusive: true, hostname: 'office' }, 0)
        }
      }
      await rig.time.pause(milliseconds, options)
    }
    const held = holdLock(rig.repository, { exclusive: true }, user({}), testJob({ clock: rig.time.clock }), pause)
    rig.time.hurry(held)
    await expect(held).rejects.toMatchObject({ code: 'vault.locked' })
    expect(rig.names()).toHaveLength(1)
  })

  test('may be missing from a list that lacks our own: then nothing is believed', async () => {
    const rig = new Rig()
    rig.hides = true
    await expect(rig.hold({ exclusive: true })).rejects.toMatchObject({ code: 'destination.failed' })
    rig.hides = false
    expect(rig.names()).toEqual([])
  })

  test('can not be looked for: then ours goes again', async () => {
    const rig = new Rig()
    let lists = 0
    rig.before = async (verb) => {
      lists += verb === 'list' ? 1 : 0
      if (verb === 'list' && lists === 2) {
        throw new Error('the share is gone')
      }
    }
    await expect(rig.hold({ exclusive: true })).rejects.toThrow('the share is gone')
    expect(rig.names()).toEqual([])
  })
})

describe('a lock that is held for long', () => {
  test('is written anew every five minutes, the new file before the old one goes', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    const seen = new Set(rig.names())
    const atRemoval: number[] = []
    rig.before = async (verb) => {
      if (verb === 'remove') {
        atRemoval.push(rig.names().length)
      }
    }
    for (let minutes = 1; minutes <= 60; minutes += 1) {
      await rig.time.pass(MINUTE)
      expect(rig.names()).toHaveLength(1)
      seen.add(rig.names()[0] ?? '')
    }
    expect(seen.size).toBe(1 + 12)
    expect(new Set(atRemoval)).toEqual(new Set([2]))
    expect(lock.signal.aborted).toBe(false)
    await expect(rig.hold({ exclusive: false }, { hostname: 'office' })).rejects.toMatchObject({ code: 'vault.locked' })
  })

  test('survives renewals that fail for less than 22.5 minutes', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    rig.before = async (verb) => {
      if (verb === 'write') {
        throw new Error('the disk is full')
      }
    }
    await rig.time.pass(22 * MINUTE)
    expect(lock.signal.aborted).toBe(false)
    rig.before = async () => undefined
    await rig.time.pass(2 * MINUTE)
    expect(lock.signal.aborted).toBe(false)
    await lock.requireHeld()
  })

  test('is lost when no renewal has succeeded for 22.5 minutes', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: true })
    rig.before = async (verb) => {
      if (verb === 'write') {
        throw new Error('the disk is full')
      }
    }
    await rig.time.pass(22 * MINUTE + 31_000)
    expect((lock.signal.reason as TillsafeError).code).toBe('vault.lock-lost')
    await expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' })
    await lock[Symbol.asyncDispose]()
    expect(rig.names()).toEqual([])
  })

  test('is lost when the disk hangs', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: true })
    rig.before = async () => await new Promise(() => undefined)
    await rig.time.pass(22 * MINUTE)
    expect(lock.signal.aborted).toBe(false)
    await rig.time.pass(2 * MINUTE)
    await expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' })
  })

  test('is lost when somebody has removed it', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    rig.destination.objects.clear()
    await rig.time.pass(6 * MINUTE)
    expect(lock.signal.reason.message).toBe('the lock on the vault was lost: somebody has removed it')
    expect(rig.names()).toEqual([])
  })

  test('is lost when somebody removes it while it is written anew', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    rig.before = async (verb, key) => {
      if (verb === 'write') {
        for (const other of rig.keys().filter((name) => name !== key)) {
          await rig.destination.remove(other)
        }
      }
    }
    await rig.time.pass(6 * MINUTE)
    expect(lock.signal.aborted).toBe(true)
    expect(rig.names()).toEqual([])
  })

  test('leaves no former file behind, where one could not be removed at first', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: true })
    rig.before = async (verb) => {
      if (verb === 'remove') {
        throw new Error('busy')
      }
    }
    await rig.time.pass(11 * MINUTE)
    expect(rig.names().length).toBeGreaterThan(1)
    await lock.requireHeld()
    rig.before = async () => undefined
    await rig.time.pass(5 * MINUTE)
    expect(rig.names()).toHaveLength(1)
    await lock[Symbol.asyncDispose]()
  })

  test('takes its former files with it when it is given back', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: true })
    rig.before = async (verb) => {
      if (verb === 'remove') {
        throw new Error('busy')
      }
    }
    await rig.time.pass(6 * MINUTE)
    expect(rig.names()).toHaveLength(2)
    rig.before = async () => undefined
    await lock[Symbol.asyncDispose]()
    expect(rig.names()).toEqual([])
  })

  test('is given back without an error where its file can not be removed: others find it stale in time', async () => {
    const rig = new Rig()
    const lock = await rig.hold({ exclusive: true })
    rig.before = async (verb) => {
      if (verb === 'remove') {
        throw new Error('busy')
      }
    }
    const given = lock[Symbol.asyncDispose]()
    await rig.time.pass(MINUTE)
    await given
    expect(rig.names()).toHaveLength(1)
    rig.before = async () => undefined
    await rig.time.pass(30 * MINUTE)
    await using _ = await rig.hold({ exclusive: true }, { hostname: 'office' })
  })
})

describe('a machine that slept', () => {
  test('goes on with its lock when nobody has taken it, once it is written anew', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    const [before] = rig.names()
    rig.time.sleep(8 * 60 * MINUTE)
    const held = lock.requireHeld()
    await rig.time.pass(300)
    await held
    expect(rig.names()).toHaveLength(1)
    expect(rig.names()[0]).not.toBe(before)
    await rig.time.pass(10 * MINUTE)
    expect(lock.signal.aborted).toBe(false)
  })

  test('does not believe a lock that somebody has found stale, though that work is over', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: false })
    rig.time.sleep(8 * 60 * MINUTE)
    await (await rig.hold({ exclusive: true }, { hostname: 'office' }))[Symbol.asyncDispose]()
    await expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' })
    expect(rig.names()).toEqual([])
  })

  test('learns it by itself, a second after waking', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: false })
    rig.time.sleep(40 * MINUTE)
    await (await rig.hold({ exclusive: true }, { hostname: 'office' }))[Symbol.asyncDispose]()
    await rig.time.pass(1000)
    expect(lock.signal.aborted).toBe(true)
  })

  test('does not believe its lock beside one that does not go with it, though its own file is there', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: false })
    rig.time.sleep(40 * MINUTE)
    await rig.leave({ exclusive: true, hostname: 'office' }, 0)
    const lost = expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' })
    await rig.time.pass(300)
    await lost
    expect(rig.names()).toHaveLength(1 + 1) // theirs, and ours until it is given back
  })

  test('does not believe a renewal that it slept in', async () => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: false })
    let hasSlept = false
    rig.before = async (verb) => {
      if (verb === 'write' && !hasSlept) {
        hasSlept = true
        rig.time.sleep(40 * MINUTE)
        await (await rig.hold({ exclusive: true }, { hostname: 'office' }))[Symbol.asyncDispose]()
      }
    }
    await rig.time.pass(5 * MINUTE + 2000)
    expect(hasSlept).toBe(true)
    await expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' })
  })

  test.each([
    ['forward', 60],
    ['back', -60],
  ])('is not what a clock set %s looks like: the lock stays', async (_, minutes) => {
    const rig = new Rig()
    await using lock = await rig.hold({ exclusive: true })
    const [before] = rig.names()
    rig.time.sleep(minutes * MINUTE)
    await rig.time.pass(6 * MINUTE)
    expect(rig.names()).toHaveLength(1)
    expect(rig.names()[0]).not.toBe(before)
    await rig.time.pass(40 * MINUTE)
    await lock.requireHeld()
    expect(rig.names()).toHaveLength(1)
  })
})

describe('work under a lock', () => {
  test('gets the lock, gives its result, and leaves no lock', async () => {
    const rig = new Rig()
    const result = await rig.work(async (_, lock) => {
      await lock.requireHeld()
      return rig.names().length
    })
    expect(result).toBe(1)
    expect(rig.names()).toEqual([])
  })

  test('leaves no lock when it fails, and fails as it does', async () => {
    const rig = new Rig()
    const work = rig.work(async () => {
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(rig.names()).toEqual([])
  })

  test('is told to stop when the lock is lost, and fails for that reason', async () => {
    const rig = new Rig()
    const work = rig.work(async (signal) => {
      rig.destination.objects.clear()
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    })
    const failed = expect(work).rejects.toMatchObject({ code: 'vault.lock-lost' })
    await rig.time.pass(6 * MINUTE)
    await failed
  })

  test('has not been done when the lock was lost before its end', async () => {
    const rig = new Rig()
    const work = rig.work(async () => {
      rig.time.sleep(60 * MINUTE)
      rig.destination.objects.clear()
      return 'done'
    })
    await expect(work).rejects.toMatchObject({ code: 'vault.lock-lost' })
  })
})

type Who = Partial<Omit<VaultUser, 'isAlive'>>

/** On this machine process 99 is gone; all others live. */
function user(who: Who): VaultUser {
  return { hostname: 'till', username: 'ann', pid: 1, uid: 0, gid: 0, ...who, isAlive: (pid) => Math.abs(pid) !== 99 }
}

function lockOfOffice(time: string): string {
  return JSON.stringify({ time, exclusive: true, hostname: 'office', username: 'bob', pid: 7 })
}

type Verb = 'write' | 'read' | 'list' | 'remove' | 'size'

/** A repository in memory whose destination can be held up, and a time of its own. */
class Rig {
  readonly destination = new MemoryDestination()
  readonly time = new FakeTime()
  before: (verb: Verb, key: string) => Promise<void> = async () => undefined
  /** Whether listings show nothing. */
  hides = false
  readonly repository = new Repository(
    new VaultFiles(this.#hooked(), 'v'),
    { version: 2, id: '0'.repeat(64), chunker_polynomial: '3da3358b4dc173' },
    newVaultKey(),
    'key',
  )

  async hold(wanted: WantedLock, who: Who = {}): Promise<VaultLock> {
    const job = testJob({ clock: this.time.clock })
    const held = holdLock(this.repository, wanted, user(who), job, this.time.pause)
    this.time.hurry(held)
    return await held
  }

  async work<T>(work: (signal: AbortSignal, lock: VaultLock) => Promise<T>): Promise<T> {
    const job = testJob({ clock: this.time.clock })
    const done = underLock(
      this.repository,
      { exclusive: true },
      user({}),
      job,
      async ({ signal }, lock) => await work(signal, lock),
      this.time.pause,
    )
    this.time.hurry(done)
    return await done
  }

  /** A lock that somebody left, so long from now. */
  async leave(lock: Who & { exclusive: boolean }, fromNowMs: number): Promise<string> {
    const { hostname, username, pid } = user(lock)
    const time = new Date(Date.parse(this.time.clock.now()) + fromNowMs).toISOString()
    const json = JSON.stringify({ time, exclusive: lock.exclusive, hostname, username, pid })
    return await this.repository.writeFile('locks', Buffer.from(json))
  }

  keys(): string[] {
    return [...this.destination.objects.keys()].filter((key) => key.startsWith('v/locks/'))
  }

  names(): string[] {
    return this.keys().map((key) => key.slice('v/locks/'.length))
  }

  async texts(): Promise<string[]> {
    return await Promise.all(
      this.names().map(async (name) => (await this.repository.readFile('locks', name)).toString()),
    )
  }

  #hooked(): Destination {
    const { destination } = this
    const before = async (verb: Verb, key: string) => await this.before(verb, key)
    const isHiding = () => this.hides
    return {
      async write(key, content) {
        await before('write', key)
        await destination.write(key, content)
      },
      async read(key, range) {
        await before('read', key)
        return await destination.read(key, range)
      },
      async size(key) {
        await before('size', key)
        return await destination.size(key)
      },
      async *list(prefix) {
        await before('list', prefix)
        if (!isHiding()) {
          yield* destination.list(prefix)
        }
      },
      async remove(key) {
        await before('remove', key)
        await destination.remove(key)
      },
      sweep: async () => undefined,
    }
  }
}

interface Sleeper {
  readonly at: number
  wake(): void
}

/** Time that passes when it is told to. */
class FakeTime {
  #wallMs = Date.parse('2026-11-21T10:57:00.000Z')
  #ticks = 0
  readonly #sleepers = new Set<Sleeper>()
  readonly clock: Clock = { now: () => new Date(this.#wallMs).toISOString(), ticks: () => this.#ticks }

  readonly pause: Pause = async (milliseconds, { signal }) => {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.#ticks + milliseconds, wake: resolve }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        reject(signal.reason)
      })
    })
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.#ticks + milliseconds
    await setImmediate()
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#go(next.at)
      this.#sleepers.delete(next)
      next.wake()
      await setImmediate()
    }
    this.#go(until)
  }

  /** Lets so much time pass as it takes to lock, and no more. */
  hurry(done: Promise<unknown>): void {
    let isDone = false
    const settle = () => {
      isDone = true
    }
    done.then(settle, settle)
    void (async () => {
      await setImmediate()
      if (!isDone && this.#sleepers.size > 0) {
        await this.pass(200)
      }
    })()
  }

  /** The wall's clock alone goes on: what a sleep looks like, or a clock that is set. */
  sleep(milliseconds: number): void {
    this.#wallMs += milliseconds
  }

  #next(until: number): Sleeper | undefined {
    const [next] = [...this.#sleepers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
    return next
  }

  #go(ticks: number): void {
    this.#wallMs += ticks - this.#ticks
    this.#ticks = ticks
  }
}
