import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { leftoversIn } from '../leftovers.ts'
import { MountedDisk } from '../mounted-disk.ts'
import { SmallShop } from '../small-shop.ts'

let shop: SmallShop

beforeEach(() => {
  shop = new SmallShop(mkdtempSync(join(tmpdir(), 'tillsafe-disk-')))
})

afterEach(() => {
  rmSync(shop.folder, { recursive: true, force: true })
})

describe.skipIf(needs('root mount'))('a destination', () => {
  test('that is full fails with what is free there; the other one has its copy', async () => {
    using _usb = MountedDisk.inMemory(shop.destinations[1], '1m')
    await shop.create()
    await using center = await shop.open()
    const { copies } = await center.backUp().result
    expect(copies).toMatchObject([
      { destination: 'local', ok: true },
      { destination: 'usb', ok: false, error: { code: 'destination.full', message: expect.stringMatching(BYTES) } },
    ])
    expect((await center.findBackups()).backups).toMatchObject([{ places: [{ destination: 'local' }] }])
    expect(leftoversIn(shop)).toEqual([])
  })

  test('that is full to the last byte, and the only one, leaves the live data and the earlier backups as they were', async () => {
    using local = MountedDisk.inMemory(shop.destinations[0], '8m')
    using usb = MountedDisk.inMemory(shop.destinations[1], '8m')
    await shop.create()
    await using center = await shop.open()
    const { backup } = await center.backUp().result
    local.fill()
    usb.fill()
    const live = shop.content()
    await expect(center.backUp().result).rejects.toMatchObject({
      code: 'destination.full',
      message: expect.stringMatching(BYTES),
    })
    expect(shop.content()).toEqual(live)
    expect((await center.findBackups()).backups.map(({ label }) => label.id)).toEqual([backup.label.id])
    expect((await center.verify(backup.label.id).result).problems).toEqual([])
    expect(leftoversIn(shop)).toEqual([])
  })

  test('that has become read-only refuses backups and gives back those that it has', async () => {
    using usb = MountedDisk.inMemory(shop.destinations[1], '8m')
    await shop.create()
    await using center = await shop.open()
    const { backup } = await center.backUp({ to: ['usb'] }).result
    usb.makeReadOnly()
    await expect(center.backUp({ to: ['usb'] }).result).rejects.toMatchObject({ code: 'destination.denied' })
    expect((await center.verify(backup.label.id).result).problems).toEqual([])
  })

  test('that has vanished is named, and not made again on the disk below', async () => {
    await shop.create()
    await using center = await shop.open()
    renameSync(shop.destinations[1], `${shop.destinations[1]}-unplugged`)
    await expect(center.backUp({ to: ['usb'] }).result).rejects.toMatchObject({ code: 'destination.missing' })
    expect(existsSync(shop.destinations[1])).toBe(false)
  })
})

describe.skipIf(needs('root mount'))('a home', () => {
  test('without room for the copy on its way says what is needed and what is free', async () => {
    using _home = MountedDisk.inMemory(shop.home, '32m')
    await shop.create()
    const live = shop.content()
    await using center = await shop.open()
    await expect(center.backUp().result).rejects.toMatchObject({
      code: 'space.short',
      message: expect.stringMatching(/needs \d+ bytes .* only \d+ bytes are free/),
    })
    expect(shop.content()).toEqual(live)
    expect(leftoversIn(shop)).toEqual([])
  })

  test('that fills up under a running center says so, and works again once there is room', async () => {
    using home = MountedDisk.inMemory(shop.home, '96m')
    await shop.create()
    const live = shop.content()
    {
      await using center = await shop.open()
      home.fill()
      await expect(center.backUp().result).rejects.toMatchObject({ code: 'space.short' })
    }
    {
      await using center = await shop.open() // what is there can be looked at all the same
      await expect(center.backUp().result).rejects.toMatchObject({ code: 'space.short' })
    }
    rmSync(join(shop.home, 'ballast'))
    await using center = await shop.open()
    await center.backUp().result
    expect(center.audit.verify()).toEqual([])
    expect(shop.content()).toEqual(live)
  })
})

describe.skipIf(needs('root mount'))('a restore onto a disk', () => {
  test('without room is refused before anything is written', async () => {
    using till = MountedDisk.inMemory(shop.till, '16m')
    await expectRefused(() => till.fill(1_000_000))
  })

  test('that turns out to be full gives everything back', async () => {
    using _till = MountedDisk.inMemory(shop.till, '160m', 15) // room for files runs out before room for bytes
    await expectRefused(() => undefined)
  })

  async function expectRefused(fault: () => void): Promise<void> {
    await shop.create()
    await using center = await shop.open()
    const { backup } = await center.backUp().result
    shop.trade()
    fault()
    const live = shop.content()
    const plan = await center.planRestore(backup.label.id)
    const consent = { confirm: plan.confirmation, reason: 'mistake' } as const
    await expect(center.restore(plan, consent).result).rejects.toMatchObject({
      code: 'space.short',
      message: expect.stringMatching(BYTES),
    })
    expect(shop.content()).toEqual(live)
    expect(leftoversIn(shop)).toEqual([])
  }
})

const BYTES = /\d+ bytes/
