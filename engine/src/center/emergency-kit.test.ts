import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CopySettings, StoreKind } from '../model/index.ts'
import { systemClock } from '../work/system-clock.ts'
import { BackupCenter } from './backup-center.ts'
import { confirmKit } from './confirm-kit.ts'
import { createShop } from './create-shop.ts'
import { kitNeeds } from './kit-needs.ts'
import { openAudit } from './open-audit.ts'
import type { Shop } from './shop.ts'
import { StateDatabase } from './state-database.ts'

let folder: string
let home: string
let output: string
let shop: Shop

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe kit é '))
  home = join(folder, 'home')
  output = join(folder, 'kit.pdf')
  new DatabaseSync(join(folder, 'pos.db')).close()
  shop = await createShop(home, {
    name: 'Café du Port',
    country: 'BE',
    timeZone: 'Europe/Brussels',
    source: { engine: 'sqlite', database: join(folder, 'pos.db'), images: join(folder, 'images') },
    destination: join(folder, 'usb'),
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const draw = async (): Promise<Uint8Array> => Buffer.from('a page')

describe('the emergency kit', () => {
  test('tells whose it is, the key, and where everything lies', async () => {
    await using center = await BackupCenter.open(home, { version: '1.2.3' })
    await center.makeKit(output, async (kit) => Buffer.from(JSON.stringify(kit))).result
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual({
      shop: { id: shop.identity.id, name: 'Café du Port', timeZone: 'Europe/Brussels' },
      madeAt: expect.stringMatching(/Z$/),
      version: '1.2.3',
      recoveryKey: shop.secrets.recoveryKey,
      workspaces: [
        {
          id: 'cafe-du-port',
          name: 'Café du Port',
          database: join(folder, 'pos.db'),
          images: join(folder, 'images'),
        },
      ],
      places: [
        {
          name: 'local',
          kind: 'local',
          path: join(folder, 'usb'),
          shelves: [{ workspace: 'cafe-du-port', store: 'copies' }],
        },
      ],
    })
  })

  test('is a new file that only its owner can read, and never replaces one', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    await center.makeKit(output, draw).result
    expect(statSync(output).mode & 0o777).toBe(0o600)
    const again = center.makeKit(output, async () => Buffer.from('another page')).result
    await expect(again).rejects.toMatchObject({ code: 'restore.target-exists' })
    expect(readFileSync(output, 'utf8')).toBe('a page')
  })

  test('is not written beside the backups, whatever way leads there', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    symlinkSync(join(folder, 'usb'), join(folder, 'elsewhere'))
    for (const place of ['usb', 'elsewhere']) {
      const job = center.makeKit(join(folder, place, 'kit.pdf'), draw)
      await expect(job.result).rejects.toMatchObject({
        code: 'usage.invalid',
        message: expect.stringContaining('local'),
      })
    }
    expect(readdirSync(join(folder, 'usb'))).not.toContain('kit.pdf')
    expect(acts()).not.toContain('recovery.shown')
  })

  test('is in the audit log before the key goes out, and as made only once it is there', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    const failing = center.makeKit(output, async () => {
      expect(acts().at(-1)).toBe('recovery.shown')
      throw new Error('the pen is dry')
    })
    await expect(failing.result).rejects.toThrow('the pen is dry')
    expect(acts()).not.toContain('kit.made')
    expect(existsSync(output)).toBe(false)
    expect(needs('vault')).toHaveLength(1)
    await center.makeKit(output, draw).result
    expect(acts().slice(-2)).toEqual(['recovery.shown', 'kit.made'])
    expect(JSON.stringify(entries())).not.toContain(shop.secrets.recoveryKey)
  })

  test('that can not be written leaves nothing, and is none', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    const job = center.makeKit(join(folder, 'nowhere', 'kit.pdf'), draw)
    await expect(job.result).rejects.toMatchObject({ code: 'destination.missing' })
    expect(needs('vault')).toHaveLength(1)
    expect(readdirSync(folder).filter((name) => name.includes('draft'))).toEqual([])
  })
})

describe('encrypted backups without a kit', () => {
  test('need one: said in a sentence with the command; plain ones do not', () => {
    expect(needs('vault')).toEqual([expect.stringMatching(/cafe-du-port .*tillsafe kit --output/)])
    expect(needs('copies')).toEqual([])
    expect(needs('archive')).toEqual([])
  })

  test('need none any more once it is made', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    await center.makeKit(output, draw).result
    expect(needs('vault')).toEqual([])
  })

  test('need a new one when the key is another one since', async () => {
    await using center = await BackupCenter.open(home, { version: '1' })
    await center.makeKit(output, draw).result
    expect(needs('vault', `${shop.secrets.recoveryKey}-NEW`)).toHaveLength(1)
  })
})

describe('retyping the recovery key', () => {
  test('is recorded, and counts as a kit', () => {
    confirmKit(shop, ` ${shop.secrets.recoveryKey.toLowerCase().replaceAll('-', ' ')} `, systemClock)
    expect(acts()).toEqual(['kit.confirmed'])
    expect(needs('vault')).toEqual([])
  })

  test('wrongly, or that of another shop, is told without repeating it, and not recorded', async () => {
    const other = await createShop(join(folder, 'other'), {
      name: 'Other',
      country: 'BE',
      timeZone: 'Europe/Brussels',
      source: { engine: 'sqlite', database: join(folder, 'other.db') },
    })
    const { recoveryKey } = other.secrets
    for (const typed of [recoveryKey, `${recoveryKey.slice(0, -1)}!`, '']) {
      expect(() => confirmKit(shop, typed, systemClock)).toThrow(
        expect.objectContaining({ code: 'key.wrong', message: expect.not.stringContaining(recoveryKey.slice(5, 20)) }),
      )
    }
    expect(acts()).toEqual([])
    expect(needs('vault')).toHaveLength(1)
  })

  test('keeps what is known of when a kit was made', async () => {
    {
      await using center = await BackupCenter.open(home, { version: '1' })
      await center.makeKit(output, draw).result
    }
    confirmKit(shop, shop.secrets.recoveryKey, systemClock)
    using state = new StateDatabase(shop.home.state)
    const rows = state.connection.prepare('SELECT made_at, confirmed_at FROM kits').all()
    expect(rows).toEqual([{ made_at: expect.any(String), confirmed_at: expect.any(String) }])
  })
})

function needs(store: StoreKind, recoveryKey: string = shop.secrets.recoveryKey): readonly string[] {
  const copies = [{ destination: 'local', store, retention: {} }] as CopySettings[]
  using state = new StateDatabase(shop.home.state)
  const { identity, secrets } = shop
  return kitNeeds({ id: 'cafe-du-port', copies }, { identity, secrets: { ...secrets, recoveryKey } }, state)
}

function entries(): readonly object[] {
  using audit = openAudit(shop, systemClock)
  return audit.log.entries()
}

function acts(): readonly string[] {
  return entries().map((entry) => (entry as { act: string }).act)
}
