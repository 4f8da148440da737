import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Destination, Key } from '../../destinations/destination.ts'
import { LocalDestination } from '../../destinations/local.ts'
import { MemoryDestination } from '../../destinations/memory.ts'
import { failureOf, TillsafeError } from '../../model/index.ts'
import { readAll } from '../../snapshot/bytes-content.ts'
import { collect } from '../../testing/collect.ts'
import { FaultyDisk } from '../../testing/faulty-disk.ts'
import {
  type SyntheticFiles,
  type SyntheticShop,
  syntheticBytes,
  syntheticHeading,
  syntheticId,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { type TestJob, testJob } from '../../testing/test-job.ts'
import { ed25519Signer } from '../../work/signer.ts'
import { systemClock } from '../../work/system-clock.ts'
import { vaultUser } from '../../work/vault-user.ts'
import { VaultCare } from './care/vault-care.ts'
import { goTime } from './format/go-text.ts'
import { openRepository } from './repository/open-repository.ts'
import { VaultFiles } from './repository/vault-files.ts'
import { VaultStore, type VaultStoreOptions } from './vault-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-bad-vaults-'))
afterAll(() => rmSync(folder, { recursive: true }))
let rooms = 0
const newFolder = (): string => {
  const path = join(folder, `room ${rooms++}`)
  mkdirSync(path)
  return path
}

const PASSWORD = 'TILL-TEST'
const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
const shop = shopOf(privateKey)

/** What each kind of damage says, and which of three backups are whole after the third was saved. */
interface Damaged {
  readonly harm: 'flipped' | 'torn' | 'missing'
  readonly what: 'config' | 'keys' | 'index' | 'snapshots' | 'data' | 'trees' | 'locks'
  readonly list: string
  readonly open: string
  readonly save: string
  readonly whole: readonly number[]
}

const CONFIG = 'the config of the vault is damaged'
const KEYS = 'the key files ID of main/Vault are damaged'
const NO_TREE = 'no index knows the tree blob ID'
const CHANGED = 'the bytes were changed, or sealed with another key'
const SHORT = 'main/Vault/data/00/ID is shorter than its index says'
const NOT_WRITTEN = 'is not what was written there'
const LOCKED = `vault.locked: the vault has a lock that can't be judged: main/Vault/locks/ID ${NOT_WRITTEN}`

const damages: readonly Damaged[] = [
  ...(['flipped', 'torn'] as const).map((harm) => ({
    harm,
    what: 'config' as const,
    list: `vault.damaged: ${CONFIG}`,
    open: `backup.damaged: ${CONFIG}`,
    save: `vault.damaged: ${CONFIG}`,
    whole: [],
  })),
  {
    harm: 'missing',
    what: 'config',
    list: 'vault.damaged: the vault in main/Vault has lost its config',
    open: 'backup.damaged: the vault in main/Vault has lost its config',
    save: 'vault.damaged: the vault in main/Vault has lost its config',
    whole: [],
  },
  {
    harm: 'flipped',
    what: 'keys',
    list: `vault.damaged: ${KEYS}`,
    open: `backup.damaged: ${KEYS}`,
    save: `vault.damaged: ${KEYS}`,
    whole: [],
  },
  {
    harm: 'missing',
    what: 'keys',
    list: 'vault.damaged: main/Vault has no key files',
    open: 'backup.damaged: main/Vault has no key files',
    save: 'vault.damaged: main/Vault has no key files',
    whole: [],
  },
  ...(['flipped', 'torn'] as const).map((harm) => ({
    harm,
    what: 'index' as const,
    list: `unreadable: ${NO_TREE}; main/Vault/index/ID ${NOT_WRITTEN}, backup 2`,
    open: `backup.unknown: no backup ONE can be read here: main/Vault/index/ID ${NOT_WRITTEN}`,
    save: 'saved',
    whole: [1, 2, 3],
  })),
  {
    harm: 'missing',
    what: 'index',
    list: `unreadable: ${NO_TREE}, backup 2`,
    open: `backup.unknown: no backup ONE can be read here: ${NO_TREE}`,
    save: 'saved',
    whole: [1, 2, 3],
  },
  {
    harm: 'flipped',
    what: 'snapshots',
    list: `unreadable: main/Vault/snapshots/ID ${NOT_WRITTEN}, backup 2`,
    open: `backup.unknown: no backup ONE can be read here: main/Vault/snapshots/ID ${NOT_WRITTEN}`,
    save: 'saved',
    whole: [2, 3],
  },
  {
    harm: 'missing',
    what: 'snapshots',
    list: 'backup 2',
    open: 'backup.unknown: there is no backup ONE here',
    save: 'saved',
    whole: [2, 3],
  },
  {
    harm: 'flipped',
    what: 'data',
    list: 'backup 1, backup 2',
    open: `backup.damaged: database.db cannot be read: blob ID in pack ID: ${CHANGED}`,
    save: 'saved',
    whole: [], // only reading every byte would tell: `verify` and `repair` do
  },
  {
    harm: 'torn',
    what: 'data',
    list: `unreadable: blob ID in pack ID: ${SHORT}, backup 2`,
    open: `backup.unknown: no backup ONE can be read here: blob ID in pack ID: ${SHORT}`,
    save: 'saved',
    whole: [2, 3], // the label of the first was in that pack, and nowhere else
  },
  {
    harm: 'missing',
    what: 'data',
    list: 'unreadable: blob ID in pack ID: there is no main/Vault/data/00/ID, backup 2',
    open: 'backup.unknown: no backup ONE can be read here: blob ID in pack ID: there is no main/Vault/data/00/ID',
    save: 'saved',
    whole: [2, 3],
  },
  {
    harm: 'flipped',
    what: 'trees',
    list: 'backup 1, backup 2',
    open: `backup.damaged: blob ID in pack ID: ${CHANGED}`,
    save: 'saved',
    whole: [2, 3], // the bit is in the tree that holds the first one's database
  },
  {
    harm: 'missing',
    what: 'trees',
    list: 'unreadable: blob ID in pack ID: there is no main/Vault/data/00/ID, backup 2',
    open: 'backup.unknown: no backup ONE can be read here: blob ID in pack ID: there is no main/Vault/data/00/ID',
    save: 'saved',
    whole: [2, 3],
  },
  {
    harm: 'flipped',
    what: 'locks',
    list: 'backup 1, backup 2',
    open: 'whole', // a restore does not wait for a lock that nobody can read
    save: LOCKED, // until a person has removed it
    whole: [1, 2],
  },
]

describe('a vault of which a file was damaged', { timeout: 240_000 }, () => {
  const base = new MemoryDestination()
  let ofFirst: ReadonlySet<Key>
  beforeAll(async () => {
    const store = storeOf(base)
    await save(store, 1)
    ofFirst = new Set(base.objects.keys())
    await save(store, 2)
  }, 240_000)

  const keyOf = (what: Damaged['what']): Key => {
    const keys = [...ofFirst].filter((key) => key.includes(what === 'trees' ? '/data/' : `/${what}`))
    const bySize = keys.toSorted((a, b) => sizeOf(base, a) - sizeOf(base, b))
    return (what === 'trees' ? bySize[0] : bySize.at(-1)) ?? `main/Vault/locks/${'ab'.repeat(32)}`
  }

  test.each(damages)(
    '($what $harm) says so, loses no other backup, and is whole when it was mended',
    async (damaged) => {
      const destination = copyOf(base)
      const store = storeOf(destination)
      const key = keyOf(damaged.what)
      const original = Buffer.from(base.objects.get(key) ?? syntheticBytes(100, 'a lock'))
      harm(destination, key, original, damaged.harm)
      const harmed = [...destination.objects.keys()]
      expect(await saidOf(() => listOf(store))).toBe(damaged.list)
      expect(await saidOf(() => isWhole(store, 1, filesOf, hurriedJob()))).toBe(damaged.open)
      expect(await saidOf(() => save(store, 3, hurriedJob()))).toBe(damaged.save)
      if (damaged.save !== 'saved') {
        expect([...destination.objects.keys()]).toEqual(harmed)
      }
      expect(await wholeOf(store, [1, 2, 3])).toEqual(damaged.whole)
      if (damaged.what === 'locks') {
        destination.objects.delete(key)
      } else {
        destination.objects.set(key, original)
      }
      if (damaged.save !== 'saved') {
        await save(store, 3)
      }
      expect(await problemsOf(store, [1, 2, 3])).toEqual([])
    },
  )

  test('is repaired where a bit of a pack was flipped, and the next save brings back what was lost', async () => {
    const destination = copyOf(base)
    const key = keyOf('data')
    harm(destination, key, Buffer.from(base.objects.get(key) ?? []), 'flipped')
    const store = storeOf(destination)
    expect(await problemsOf(store, [2])).not.toEqual([])
    await new VaultCare(optionsOf(destination)).repair({ reading: 'everything', forgetLost: false }, testJob())
    await save(store, 3)
    expect(await problemsOf(store, [1, 2, 3])).toEqual([])
  })
})

describe('a pack that somebody has deleted', { timeout: 120_000 }, () => {
  const large = (n: number): SyntheticFiles => ({
    ...filesOf(n),
    database: Buffer.concat([syntheticBytes(20_000_000, 'large'), syntheticBytes(9000, `${n}`)]),
  })

  test.each(['with hints', 'without'])(
    'is stored again by the next save, %s: then old backups are whole',
    async (hints) => {
      const destination = new MemoryDestination()
      const former = optionsOf(destination)
      await save(new VaultStore(former), 1, testJob(), large)
      const gone = await packWithoutLabel(destination)
      destination.objects.delete(gone)
      const store = new VaultStore(hints === 'without' ? optionsOf(destination) : former)
      expect(await problemsOf(store, [1])).not.toEqual([])
      await save(store, 2, testJob(), large)
      for (const order of [destination, backwards(destination)]) {
        expect(await problemsOf(storeOf(order), [1, 2])).toEqual([]) // whichever index is read first
      }
      expect(await wholeOf(store, [1, 2], large)).toEqual([1, 2])
    },
  )

  test('does not keep the next save from being done, when it held the folders of images that did not change', async () => {
    const destination = new MemoryDestination()
    const store = storeOf(destination)
    await save(store, 1)
    const ofFirst = packsOf(destination)
    await save(store, 2)
    const [trees = ''] = ofFirst.toSorted((a, b) => sizeOf(destination, a) - sizeOf(destination, b))
    destination.objects.delete(trees)
    await save(store, 3)
    expect(await wholeOf(store, [2, 3])).toEqual([2, 3])
    expect(await problemsOf(store, [2, 3])).toEqual([])
  })
})

describe('a vault that is not ours to open', () => {
  test('says so when the password is wrong, and is left as it was', async () => {
    const destination = new MemoryDestination()
    await save(storeOf(destination), 1)
    const before = [...destination.objects]
    const store = new VaultStore({ ...optionsOf(destination), passwords: ['WRONG', 'ALSO WRONG'] })
    const refusal = 'key.wrong: no key of the vault in main/Vault opens with what this shop has'
    for (const deed of [() => listOf(store), () => isWhole(store, 1), () => save(store, 2)]) {
      expect(await saidOf(deed)).toBe(refusal)
    }
    expect([...destination.objects]).toEqual(before)
  })

  test('is none where no vault was made', async () => {
    const destination = new MemoryDestination()
    const store = storeOf(destination)
    expect(await listOf(store)).toBe('')
    expect(await saidOf(() => isWhole(store, 1))).toBe('backup.unknown: there is no backup ONE here')
    await store.remove([syntheticHeading(shop, 1).id], testJob())
    expect([...destination.objects]).toEqual([])
  })

  test('says so when its config is that of another vault', async () => {
    const [destination, other] = [new MemoryDestination(), new MemoryDestination()]
    await save(storeOf(destination), 1)
    await save(storeOf(other), 1)
    const config = other.objects.get('main/Vault/config') ?? Buffer.alloc(0)
    const original = destination.objects.get('main/Vault/config') ?? Buffer.alloc(0)
    destination.objects.set('main/Vault/config', config)
    const store = storeOf(destination)
    expect(await saidOf(() => listOf(store))).toBe(`vault.damaged: ${CONFIG}`)
    expect(await saidOf(() => save(store, 2))).toBe(`vault.damaged: ${CONFIG}`)
    destination.objects.set('main/Vault/config', original)
    expect(await problemsOf(store, [1])).toEqual([])
  })

  test('shows what another shop has signed in it as foreign', async () => {
    const destination = new MemoryDestination()
    const stranger = syntheticShop('Épicerie')
    const { signer, ...mark } = stranger
    const theirs = new VaultStore({ ...optionsOf(destination), shop: mark, signer })
    await theirs.save(syntheticSnapshot(syntheticHeading(stranger, 1), filesOf(1)), testJob())
    const store = storeOf(destination)
    await save(store, 1)
    expect((await listOf(store)).split(', ').sort()).toEqual(['backup 1', 'foreign: Épicerie'])
    const { id } = syntheticHeading(stranger, 1)
    expect(await saidOf(() => store.open(id, testJob()))).toMatch(
      /^identity.foreign: backup .* belongs to another shop: Épicerie$/,
    )
  })
})

describe('a vault whose making was cut', () => {
  test('is made by the next save, with the key that was left, so that one password has one key', async () => {
    const destination = new MemoryDestination()
    const write = destination.write.bind(destination)
    destination.write = async (key, content) => {
      if (key.endsWith('/config')) {
        throw new TillsafeError('destination.failed', 'the power went')
      }
      await write(key, content)
    }
    expect(await saidOf(() => save(storeOf(destination), 1))).toBe('destination.failed: the power went')
    expect(keysIn(destination)).toHaveLength(1)
    destination.write = write
    await save(storeOf(destination), 1)
    expect(keysIn(destination)).toHaveLength(1)
    expect(await problemsOf(storeOf(destination), [1])).toEqual([])
  })

  test('opens where keys of another vault lie beside its own, whichever comes first', async () => {
    const destination = new MemoryDestination()
    await save(storeOf(destination), 1)
    for (let n = 0; n < 4; n++) {
      const other = new MemoryDestination()
      await save(storeOf(other), 1)
      const [key = ''] = keysIn(other)
      destination.objects.set(key, other.objects.get(key) ?? Buffer.alloc(0))
    }
    expect(await problemsOf(storeOf(destination), [1])).toEqual([])
  })
})

describe('a save into a vault', { timeout: 240_000 }, () => {
  test('that meets a full disk says so at whatever call, loses nothing, and is done when there is room', async () => {
    const base = newFolder()
    await save(new VaultStore(localOptions(base)), 1)
    const counting = new FaultyDisk()
    const first = newFolder()
    cpSync(base, first, { recursive: true })
    await save(new VaultStore(localOptions(first, counting)), 2)
    const calls = counting.calls.length
    const said = new Set<string>()
    for (let n = 0; n < FAULTS; n++) {
      const place = newFolder()
      cpSync(base, place, { recursive: true })
      const lasts = n % 2 === 0 ? 'once' : 'from-then-on'
      const call = 1 + Math.floor((n * calls) / FAULTS)
      const disk = new FaultyDisk({ fault: { call, code: 'ENOSPC', lasts } })
      const outcome = await saidOf(() => save(new VaultStore(localOptions(place, disk)), 2))
      expect(outcome, `call ${call}, ${lasts}`).toMatch(/^saved$|^destination.full: .*\d+ bytes/)
      said.add(outcome.slice(0, 5))
      const store = new VaultStore(localOptions(place))
      await store.sweep()
      const listed = await listOf(store)
      if (listed !== 'backup 1, backup 2') {
        expect([listed, outcome]).toEqual(['backup 1', outcome === 'saved' ? 'lost' : outcome])
        await save(store, 2)
      } // one that had its name when the disk failed may be there, and is whole
      expect(await problemsOf(store, [1, 2])).toEqual([])
      rmSync(place, { recursive: true })
    }
    expect([...said]).toContain('desti')
  })

  test('that is cancelled, at whatever step, ends as such, loses nothing, and is done when it is tried again', async () => {
    const base = new MemoryDestination()
    await save(storeOf(base), 1)
    const counting = new CancellingDestination(copyOf(base), 0, testJob())
    await save(storeOf(counting), 2)
    const outcomes = new Map<string, number>()
    for (let call = 1; call <= counting.calls; call += 5) {
      const job = testJob()
      const destination = copyOf(base)
      const outcome = await saidOf(() => save(storeOf(new CancellingDestination(destination, call, job)), 2, job))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      const store = storeOf(destination)
      expect(await listOf(store)).toBe(outcome === 'saved' ? 'backup 1, backup 2' : 'backup 1')
      if (outcome !== 'saved') {
        await save(store, 2)
      }
      expect(await problemsOf(store, [1, 2]), `call ${call}`).toEqual([])
    }
    const saved = outcomes.get('saved') ?? 0 // how many calls a save makes differs with the order its threads end in
    outcomes.delete('saved')
    expect([...outcomes.keys()]).toEqual(['job.cancelled: the work was cancelled'])
    expect(saved).toBeLessThan(3) // only once the backup is there, it is too late
  })

  test('and another at the same time are both whole, also when none of them finds a vault', async () => {
    const destination = new MemoryDestination()
    await Promise.all([1, 2, 3].map(async (n) => await save(storeOf(destination), n)))
    expect(keysIn(destination)).toHaveLength(1)
    await Promise.all([4, 5].map(async (n) => await save(storeOf(destination), n)))
    expect(await problemsOf(storeOf(destination), [1, 2, 3, 4, 5])).toEqual([])
  })

  test('and one of another process at the same time are both whole', async () => {
    const place = newFolder()
    const others = [1, 2].map((n) => once(saverOf(place, n), 'exit'))
    await save(new VaultStore(localOptions(place)), 3, testJob({ clock: systemClock }))
    expect((await Promise.all(others)).map(([exitCode]) => exitCode)).toEqual([0, 0])
    const store = new VaultStore(localOptions(place))
    expect(readdirSync(join(place, 'main', 'Vault', 'keys'))).toHaveLength(1)
    expect(readdirSync(join(place, 'main', 'Vault', 'locks'))).toEqual([])
    expect(await listOf(store)).toBe('backup 1, backup 2, backup 3')
    expect(await problemsOf(store, [1, 2, 3])).toEqual([])
  })

  test.each([
    ['shares', false, 'saved'],
    ['has alone', true, /^vault.locked: the vault is exclusively locked by process 42 of ann on office, as of 20\d\d-/],
  ])('while restic on another machine %s it', async (_, exclusive, outcome) => {
    const destination = new MemoryDestination()
    const store = storeOf(destination)
    await save(store, 1)
    const repository = await openRepository(new VaultFiles(destination, 'main/Vault'), [PASSWORD])
    const time = goTime(Date.parse(systemClock.now()))
    const lock = { time, exclusive, hostname: 'office', username: 'ann', pid: 42 }
    const name = await repository.writeFile('locks', Buffer.from(JSON.stringify(lock)))
    const now = systemClock.now()
    const job = exclusive ? hurriedJob(now) : testJob({ clock: systemClock })
    expect(await saidOf(() => save(store, 2, job))).toEqual(
      typeof outcome === 'string' ? outcome : expect.stringMatching(outcome),
    )
    expect([...destination.objects.keys()].filter((key) => key.includes('/locks/'))).toEqual([
      `main/Vault/locks/${name}`,
    ])
    await repository.files.remove('locks', name)
    await save(store, 3)
    expect(await problemsOf(store, exclusive ? [1, 3] : [1, 2, 3])).toEqual([])
  })

  test('leaves no draft of its hints, once it was swept, where a cut has left one', async () => {
    const options = optionsOf(new MemoryDestination())
    await save(new VaultStore(options), 1)
    const [hints = ''] = readdirSync(options.hints)
    writeFileSync(join(options.hints, `${hints}.draft`), 'cut')
    await new VaultStore(options).sweep()
    expect(readdirSync(options.hints)).toEqual([hints])
    expect(existsSync(join(options.hints, hints))).toBe(true)
  })
})

/** How many calls of a save are made to fail, half of them alone and half with all that follow. */
const FAULTS = 4

/** Cancels a job at a call. */
class CancellingDestination implements Destination {
  calls = 0
  readonly #destination: Destination
  readonly #at: number
  readonly #job: TestJob

  constructor(destination: Destination, at: number, job: TestJob) {
    this.#destination = destination
    this.#at = at
    this.#job = job
  }

  write: Destination['write'] = async (key, content) => await this.#pass().write(key, content)
  read: Destination['read'] = async (key, range) => await this.#pass().read(key, range)
  size: Destination['size'] = async (key) => await this.#pass().size(key)
  list: Destination['list'] = (prefix) => this.#pass().list(prefix)
  remove: Destination['remove'] = async (key) => await this.#pass().remove(key)
  sweep: Destination['sweep'] = async () => await this.#pass().sweep()

  #pass(): Destination {
    this.calls += 1
    if (this.calls === this.#at) {
      this.#job.cancel()
    }
    return this.#destination
  }
}

/** A process that saves a backup into a vault, and ends. */
function saverOf(place: string, sequence: number): ChildProcess {
  const program = join(newFolder(), 'saver.mjs')
  writeFileSync(program, SAVER)
  const args = [program, place, join(newFolder(), 'hints'), String(sequence), privateKey]
  return spawn(process.execPath, args, { stdio: ['ignore', 2, 2] })
}

const moduleUrl = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
const SAVER = `
  import { LocalDestination } from ${moduleUrl('../../destinations/local.ts')}
  import { syntheticBytes, syntheticHeading, syntheticId, syntheticSnapshot } from ${moduleUrl('../../testing/synthetic-snapshot.ts')}
  import { testJob } from ${moduleUrl('../../testing/test-job.ts')}
  import { ed25519Signer } from ${moduleUrl('../../work/signer.ts')}
  import { systemClock } from ${moduleUrl('../../work/system-clock.ts')}
  import { vaultUser } from ${moduleUrl('../../work/vault-user.ts')}
  import { VaultStore } from ${moduleUrl('./vault-store.ts')}
  const [, , path, hints, sequence, privateKey] = process.argv
  const signer = ed25519Signer(privateKey)
  const shop = { id: syntheticId(signer.publicKey), name: 'Café', publicKey: signer.publicKey }
  const destination = new LocalDestination({ path, owner: shop.id })
  const store = new VaultStore({
    destination, workspace: 'main', shop, signer, timeZone: 'Europe/Brussels',
    passwords: ['${PASSWORD}'], user: vaultUser(), hints,
  })
  const files = { database: syntheticBytes(400_000, 'of another process ' + sequence) }
  const snapshot = syntheticSnapshot(syntheticHeading(shop, Number(sequence)), files)
  await store.save(snapshot, testJob({ clock: systemClock }))
`

function shopOf(key: string): SyntheticShop {
  const signer = ed25519Signer(key)
  return { id: syntheticId(signer.publicKey), name: 'Café', publicKey: signer.publicKey, signer }
}

function optionsOf(destination: Destination): VaultStoreOptions {
  const { signer, ...mark } = shop
  const [passwords, user, hints] = [[PASSWORD], vaultUser(), join(newFolder(), 'hints')]
  return { destination, workspace: 'main', shop: mark, signer, timeZone: 'Europe/Brussels', passwords, user, hints }
}

function localOptions(path: string, disk: FaultyDisk = new FaultyDisk()): VaultStoreOptions {
  return { ...optionsOf(new LocalDestination({ path, owner: shop.id, disk })), disk }
}

function storeOf(destination: Destination): VaultStore {
  return new VaultStore(optionsOf(destination))
}

function filesOf(n: number): SyntheticFiles {
  return {
    database: Buffer.concat([syntheticBytes(300_000, 'database'), syntheticBytes(9000, `${n}`)]),
    images: { 'images/a.jpg': syntheticBytes(3000, 'a'), 'images/b/b.jpg': syntheticBytes(5000, 'b') },
  }
}

async function save(store: VaultStore, n: number, job = testJob(), files = filesOf): Promise<string> {
  const { label } = await store.save(syntheticSnapshot(syntheticHeading(shop, n), files(n)), job)
  expect(label.problems).toEqual([])
  return 'saved'
}

/** A job whose time flies: what waits for a lock gives up soon. */
function hurriedJob(now: string = '2026-11-21T10:57:00.000Z'): TestJob {
  return testJob({ clock: { now: () => now, ticks: () => 60 * systemClock.ticks() } })
}

/** What a person is told: a code and a sentence, or what came of it. */
async function saidOf(deed: () => Promise<unknown>): Promise<string> {
  const one = syntheticHeading(shop, 1).id
  const said = await deed().catch((error: unknown) => {
    const { code, message } = failureOf(error)
    return `${code}: ${message}`
  })
  return withoutIds(String(said)).replaceAll(one, 'ONE')
}

function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{64}/g, 'ID').replaceAll(/data\/[0-9a-f]{2}\//g, 'data/00/')
}

async function listOf(store: VaultStore): Promise<string> {
  const listed = await collect(store.list())
  const texts = listed.map((one) => {
    switch (one.kind) {
      case 'backup':
        return `backup ${one.backup.label.sequence}`
      case 'foreign':
        return `foreign: ${one.shop}`
      case 'unreadable':
        return `unreadable: ${one.problem}`
      default:
        return one satisfies never
    }
  })
  return texts.join(', ')
}

async function isWhole(
  store: VaultStore,
  n: number,
  files = filesOf,
  job = testJob(),
): Promise<'whole' | 'other bytes'> {
  const { database, images = {} } = files(n)
  await using opened = await store.open(syntheticHeading(shop, n).id, job)
  const found: string[] = []
  for await (const { part, path, open } of opened.entries()) {
    const expected = Buffer.from((part === 'database' ? database : images[path]) ?? [])
    if (!expected.equals(await readAll(await open()))) {
      return 'other bytes'
    }
    found.push(path)
  }
  return found.length === 1 + Object.keys(images).length ? 'whole' : 'other bytes'
}

/** Which of these backups come back as they were. */
async function wholeOf(store: VaultStore, numbers: readonly number[], files = filesOf): Promise<number[]> {
  const whole: number[] = []
  for (const n of numbers) {
    const said = await saidOf(() => isWhole(store, n, files, hurriedJob()))
    expect(said).not.toMatch(/^internal|other bytes/)
    if (said === 'whole') {
      whole.push(n)
    }
  }
  return whole
}

async function problemsOf(store: VaultStore, numbers: readonly number[]): Promise<string[]> {
  const problems: string[] = []
  for (const n of numbers) {
    problems.push(...(await store.verify(syntheticHeading(shop, n).id, testJob())).map((one) => `${n}: ${one}`))
  }
  return problems
}

function harm(destination: MemoryDestination, key: Key, original: Buffer, how: Damaged['harm']): void {
  const changed = Buffer.from(original)
  changed.writeUInt8(changed.readUInt8(40) ^ 1, 40)
  destination.objects.set(key, how === 'torn' ? original.subarray(0, original.byteLength / 2) : changed)
  if (how === 'missing') {
    destination.objects.delete(key)
  }
}

function copyOf({ objects }: MemoryDestination): MemoryDestination {
  const copy = new MemoryDestination()
  for (const [key, bytes] of objects) {
    copy.objects.set(key, bytes)
  }
  return copy
}

/** A copy that is listed from its end. */
function backwards(destination: MemoryDestination): MemoryDestination {
  const copy = copyOf(destination)
  const list = copy.list.bind(copy)
  copy.list = async function* (prefix) {
    yield* (await collect(list(prefix))).reverse()
  }
  return copy
}

function sizeOf({ objects }: MemoryDestination, key: Key): number {
  return objects.get(key)?.byteLength ?? 0
}

function packsOf({ objects }: MemoryDestination): Key[] {
  return [...objects.keys()].filter((key) => key.includes('/data/'))
}

/** A pack of a vault with one backup whose label lies in another. */
async function packWithoutLabel(destination: MemoryDestination): Promise<Key> {
  for (const key of packsOf(destination)) {
    const copy = copyOf(destination)
    copy.objects.delete(key)
    if ((await listOf(storeOf(copy))) === 'backup 1') {
      return key
    }
  }
  throw new Error('there is one pack only')
}

function keysIn({ objects }: MemoryDestination): Key[] {
  return [...objects.keys()].filter((key) => key.includes('/keys/'))
}
