import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LocalDestination } from '../destinations/local.ts'
import type { Recovery } from '../model/index.ts'
import { FaultyDisk } from '../testing/faulty-disk.ts'
import { standingClock } from '../testing/test-job.ts'
import { systemClock } from '../work/system-clock.ts'
import { bringRecovery } from './bring-recovery.ts'
import { addWorkspace } from './change-workspaces.ts'
import { createShop } from './create-shop.ts'
import { findRecoveries } from './find-recoveries.ts'
import { keepRecovery } from './keep-recovery.ts'
import { mergeDatabaseKeys } from './merge-database-keys.ts'
import { writeSecrets } from './secrets.ts'
import { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'
import { writeSettings } from './write-settings.ts'

let folder: string
let home: string
let usb: string
let shop: Shop

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe recovery é '))
  home = join(folder, 'home')
  usb = join(folder, 'usb')
  shop = await makeShop(home)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function makeShop(path: string): Promise<Shop> {
  const source = { engine: 'sqlite', database: join(folder, 'pos.db') } as const
  return createShop(path, {
    name: 'Café du Port',
    country: 'BE',
    timeZone: 'Europe/Brussels',
    source,
    destination: usb,
  })
}

/** The shop after a change of its secrets. */
async function addDatabaseKey(key: string, since: string): Promise<Shop> {
  const { secrets } = await Shop.open(home)
  const databaseKeys = mergeDatabaseKeys([{ till: [{ key, since }] }, secrets.databaseKeys])
  await writeSecrets(shop.home, { ...secrets, databaseKeys })
  return Shop.open(home)
}

async function keep(one: Shop = shop): Promise<readonly string[]> {
  using state = new StateDatabase(one.home.state)
  return await keepRecovery({ shop: one, state, clock: systemClock }, one.settings.destinations)
}

function local(): Shop['settings']['destinations'][number] {
  return shop.destinationSettings('local')
}

function files(): string[] {
  return readdirSync(usb)
    .filter((name) => name.endsWith('.age'))
    .sort()
}

async function inside(recoveryKey: string = shop.secrets.recoveryKey): Promise<readonly Recovery[]> {
  const { opened } = await findRecoveries(shop.destination(local()), recoveryKey)
  return opened.map(({ recovery }) => recovery)
}

describe('the recovery file', () => {
  test('is in the first destination as soon as there is a shop, and holds what makes it anew', async () => {
    expect(files()).toEqual(['recovery.age'])
    expect(await inside()).toMatchObject([
      {
        kind: 'tillsafe.recovery',
        destination: 'local',
        identity: shop.identity,
        settings: shop.settings,
        databaseKeys: {},
      },
    ])
    expect(readFileSync(join(usb, 'recovery.age')).includes(shop.identity.privateKey)).toBe(false)
  })

  test('is not written again while nothing changes, whether the center remembers it or not', async () => {
    const before = readFileSync(join(usb, 'recovery.age'))
    expect(await keep()).toEqual([])
    rmSync(shop.home.state)
    expect(await keep()).toEqual([])
    expect(files()).toEqual(['recovery.age'])
    expect(readFileSync(join(usb, 'recovery.age'))).toEqual(before)
  })

  test('follows the settings and the keys, and the older one goes', async () => {
    const source = { engine: 'sqlite', database: join(folder, 'bakery.db') } as const
    await addWorkspace(shop, { name: 'Bakery', kind: 'business', source })
    expect(files()).toEqual(['recovery_2.age'])
    const changed = await addDatabaseKey('secret', '2026-11-21T10:00:00.000Z')
    await keep(changed)
    expect(files()).toEqual(['recovery.age'])
    expect(await inside()).toMatchObject([
      {
        settings: { workspaces: [{ id: 'cafe-du-port' }, { id: 'bakery' }] },
        databaseKeys: { till: [{ key: 'secret' }] },
      },
    ])
  })

  test('that somebody removed or cut is written again', async () => {
    rmSync(join(usb, 'recovery.age'))
    await keep()
    expect(await inside()).toHaveLength(1)
    const [name = ''] = files()
    writeFileSync(join(usb, name), readFileSync(join(usb, name)).subarray(0, 100))
    await keep()
    expect(files()).toEqual(['recovery.age', 'recovery_2.age'])
    expect(await inside()).toHaveLength(1)
  })

  test('of another shop in the same folder is left alone, and opens with its own key only', async () => {
    const other = await makeShop(join(folder, 'other home'))
    expect(files()).toEqual(['recovery.age', 'recovery_2.age'])
    await keep(await addDatabaseKey('secret', '2026-11-21T10:00:00.000Z'))
    expect(files()).toEqual(['recovery_2.age', 'recovery_3.age'])
    expect(await inside()).toMatchObject([{ identity: { id: shop.identity.id } }])
    expect(await inside(other.secrets.recoveryKey)).toMatchObject([{ identity: { id: other.identity.id } }])
  })

  test('is the newest even when the clock was set back', async () => {
    const { writtenAt } = (await inside())[0] as Recovery
    const changed = await addDatabaseKey('secret', '2026-11-21T10:00:00.000Z')
    await bringRecovery(changed, local(), standingClock('1999-01-01T00:00:00.000Z'))
    const after = await inside()
    expect(after).toHaveLength(1)
    expect((after[0]?.writtenAt ?? '') > writtenAt).toBe(true)
  })

  test('is never removed while it holds a key of a database that the newer one lacks', async () => {
    await keep(await addDatabaseKey('the other machine has set this', '2026-11-21T10:00:00.000Z'))
    await writeSecrets(shop.home, shop.secrets)
    await keep(await Shop.open(home))
    const after = await inside()
    expect(after.map(({ databaseKeys }) => Object.keys(databaseKeys))).toEqual([[], ['till']])
  })

  test('is a sentence when it cannot be written, and no failure', async () => {
    rmSync(usb, { recursive: true })
    expect(await keep()).toEqual([
      expect.stringMatching(/^the recovery file in local could not be brought up to date: /),
    ])
  })

  test('is in a destination that is added', async () => {
    const second = join(folder, 'second')
    mkdirSync(second)
    const destinations = [...shop.settings.destinations, { name: 'second', kind: 'local', path: second } as const]
    await writeSettings(shop.home, { ...shop.settings, destinations })
    await keep(await Shop.open(home))
    expect(readdirSync(second)).toContain('recovery.age')
  })

  test('opens at every moment, whenever the disk fails while a new one is brought', async () => {
    const changed = await addDatabaseKey('secret', '2026-11-21T10:00:00.000Z')
    const before = readFileSync(join(usb, 'recovery.age'))
    const counting = new FaultyDisk()
    await bringWith(changed, counting)
    const calls = counting.calls.flatMap(({ name }, index) => (WRITING.has(name) ? [index + 1] : []))
    expect(calls.length).toBeGreaterThan(8)
    for (const call of calls) {
      rmSync(usb, { recursive: true })
      mkdirSync(usb)
      writeFileSync(join(usb, 'recovery.age'), before)
      const disk = new FaultyDisk({ fault: { call, code: 'EIO', lasts: 'from-then-on' } })
      await bringWith(changed, disk).catch(() => undefined)
      expect(disk.failed).toBe(true)
      expect((await inside()).length, `call ${call} of ${counting.calls.length}`).toBeGreaterThan(0)
    }
    await bringWith(changed, new FaultyDisk())
    expect(await inside()).toMatchObject([{ databaseKeys: { till: [{ key: 'secret' }] } }])
  })
})

/** The calls that change what lies on the disk. */
const WRITING = new Set(['file.write', 'file.sync', 'link', 'unlink', 'syncFolder', 'mkdir', 'open'])

function bringWith({ identity, settings, secrets }: Shop, disk: FaultyDisk): Promise<unknown> {
  const destination = () => new LocalDestination({ path: usb, owner: identity.id, disk })
  return bringRecovery({ identity, settings, secrets, destination }, local(), systemClock)
}
