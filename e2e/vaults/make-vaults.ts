import { createHash, randomBytes, scryptSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LocalDestination } from '../../engine/src/destinations/local.ts'
import { MemoryDestination } from '../../engine/src/destinations/memory.ts'
import { VaultCare } from '../../engine/src/stores/vault/care/vault-care.ts'
import { goTime } from '../../engine/src/stores/vault/format/go-text.ts'
import { Sealer } from '../../engine/src/stores/vault/format/seal.ts'
import { openRepository } from '../../engine/src/stores/vault/repository/open-repository.ts'
import type { Repository } from '../../engine/src/stores/vault/repository/repository.ts'
import { VaultFiles } from '../../engine/src/stores/vault/repository/vault-files.ts'
import { VaultStore, type VaultStoreOptions } from '../../engine/src/stores/vault/vault-store.ts'
import {
  type SyntheticShop,
  syntheticBytes,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../engine/src/testing/synthetic-snapshot.ts'
import { testJob } from '../../engine/src/testing/test-job.ts'
import { vaultUser } from '../../engine/src/work/vault-user.ts'
import { restic, resticJson } from '../../tools/stock-restic.ts'
import { filesBelow } from '../small-shop.ts'
import { type MadeVault, PASSWORD, ROOT, type SavedBackup, type SavedFiles, type VaultState } from './made-vault.ts'
import { VaultContents } from './vault-contents.ts'

const makers = {
  /** By us, one backup after the other. */
  ours: async (vault: VaultInWork) => {
    await vault.save()
    await vault.save()
    vault.remember()
    await vault.save()
  },
  /** By us: after days of changes, of which some were forgotten, it was pruned. */
  pruned: async (vault: VaultInWork) => {
    for (let day = 1; day <= 5; day++) {
      await vault.save()
    }
    vault.remember()
    await vault.forget([1, 3])
    await vault.prune()
    await vault.save()
  },
  /** With what restic keeps in it for itself. */
  'beside restic': async (vault: VaultInWork) => {
    await vault.save()
    await vault.stockBackup()
    vault.remember()
    await vault.stockBackup()
    await vault.save()
  },
  /** By restic alone, in its old format, which we only read. */
  'format 1': async (vault: VaultInWork) => {
    await vault.stockInit()
    await vault.stockBackup()
    vault.remember()
    await vault.stockBackup()
  },
} as const satisfies Record<string, (vault: VaultInWork) => Promise<void>>

type VaultName = keyof typeof makers
const vaultNames = Object.keys(makers) as readonly VaultName[]

/** Makes all vaults, in folders below this one. */
export async function makeVaults(folder: string): Promise<readonly MadeVault[]> {
  const made: MadeVault[] = []
  for (const name of vaultNames) {
    const vault = new VaultInWork(join(folder, name), name)
    await makers[name](vault)
    made.push(await vault.finish())
  }
  return made
}

/** What a store of these vaults is told. */
export function optionsOf(
  shop: SyntheticShop,
  destination: VaultStoreOptions['destination'],
  hints: string,
): VaultStoreOptions {
  const { signer, ...mark } = shop
  const who = { passwords: [PASSWORD], user: vaultUser(), hints }
  return { destination, workspace: 'main', shop: mark, signer, timeZone: 'Europe/Brussels', ...who }
}

/** A snapshot of these files. */
export function snapshotOf(
  shop: SyntheticShop,
  sequence: number,
  files: SavedFiles,
): ReturnType<typeof syntheticSnapshot> {
  const images = Object.fromEntries([...files].filter(([path]) => path.startsWith('images/')))
  const database = files.get('database.db') ?? new Uint8Array()
  return syntheticSnapshot(syntheticHeading(shop, sequence), { database, images })
}

const PAGE_BYTES = 4096
const PAGES = 24
const HINTS = 'hints'
const PLACE = 'place'

/** A vault that is being made, in a folder. */
class VaultInWork {
  readonly #folder: string
  readonly #name: string
  readonly #shop = syntheticShop()
  readonly #saved: SavedBackup[] = []
  readonly #stock = new Map<string, SavedFiles>()
  readonly #snapshots = new Map<string, string>()
  #older: VaultState = { objects: new Map(), hints: new Map() }
  #stockBackups = 0

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    mkdirSync(join(folder, PLACE), { recursive: true })
  }

  async save(): Promise<void> {
    const sequence = this.#saved.length + 1
    const files = filesOf(sequence)
    const { label, key } = await this.#store.save(snapshotOf(this.#shop, sequence, files), testJob())
    this.#saved.push({ label, files })
    this.#snapshots.set(label.id, key.slice(-64))
    await this.#useCheapKey()
  }

  async forget(sequences: readonly number[]): Promise<void> {
    const gone = this.#saved.filter(({ label }) => sequences.includes(label.sequence)).map(({ label }) => label.id)
    await this.#store.remove(gone, testJob())
  }

  async prune(): Promise<void> {
    await new VaultCare(this.#options).prune({ maxUnusedShare: 0, mostRemovedShare: 1 }, testJob())
  }

  async stockInit(): Promise<void> {
    mkdirSync(dirname(this.#repository.folder), { recursive: true })
    await restic(this.#repository, ['init', '--repository-version', '1'])
    await this.#useCheapKey()
  }

  async stockBackup(): Promise<void> {
    this.#stockBackups += 1
    const files = filesOf(100 + this.#stockBackups)
    const folder = join(this.#folder, 'files of restic')
    rmSync(folder, { recursive: true, force: true })
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    await restic(this.#repository, ['backup', '--tag', 'stock', '.'], { cwd: folder })
    const found = (await resticJson(this.#repository, ['snapshots', '--json', '--tag', 'stock'])) as { id: string }[]
    this.#stock.set(found.find(({ id }) => !this.#stock.has(id))?.id ?? '', files)
  }

  /** As it is now is what it may be rolled back to. */
  remember(): void {
    this.#older = this.#state
  }

  async finish(): Promise<MadeVault> {
    const repository = await this.#open()
    await leaveLock(repository)
    const state = this.#state
    const memory = new MemoryDestination()
    for (const [key, bytes] of state.objects) {
      memory.objects.set(key, bytes)
    }
    const inMemory = await openRepository(new VaultFiles(memory, ROOT), [PASSWORD])
    const sequence = this.#saved.length + 1
    return {
      ...state,
      name: this.#name,
      shop: this.#shop,
      saved: this.#saved,
      stock: this.#stock,
      snapshots: this.#snapshots,
      contents: await VaultContents.of(inMemory, state.objects),
      older: this.#older,
      isReadOnly: repository.isReadOnly,
      next: { sequence, files: filesOf(sequence) },
    }
  }

  get #options(): VaultStoreOptions {
    const path = join(this.#folder, PLACE)
    const destination = new LocalDestination({ path, owner: this.#shop.id })
    return optionsOf(this.#shop, destination, join(this.#folder, HINTS))
  }

  get #store(): VaultStore {
    return new VaultStore(this.#options)
  }

  get #repository(): { folder: string; password: string } {
    return { folder: join(this.#folder, PLACE, ROOT), password: PASSWORD }
  }

  /** The files in an order that is the same every time, as far as that can be: their names are chance. */
  get #state(): VaultState {
    const read = (top: string, file: string): [string, Uint8Array] => [file, readFileSync(join(top, file))]
    const place = join(this.#folder, PLACE)
    const files = filesBelow(place).filter((file) => file.startsWith('main/'))
    const objects = files.map((file) => read(place, file))
    const hints = filesBelow(join(this.#folder, HINTS)).map((file) => read(join(this.#folder, HINTS), file))
    const folderOf = (key: string): string => key.split('/')[2] ?? ''
    objects.sort(([a, one], [b, two]) => folderOf(a).localeCompare(folderOf(b)) || one.byteLength - two.byteLength)
    return { objects: new Map(objects), hints: new Map(hints) }
  }

  async #open(): Promise<Repository> {
    return await openRepository(new VaultFiles(this.#options.destination, ROOT), [PASSWORD])
  }

  /** Opening a vault should cost nothing here: a key file whose password is as good as not hashed replaces the first. */
  async #useCheapKey(): Promise<void> {
    const folder = join(this.#repository.folder, 'keys')
    const names = readdirSync(folder)
    if (names.some((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).N === CHEAP.N)) {
      return
    }
    const { key, files } = await this.#open()
    const salt = randomBytes(64)
    const [encrypt, macK, macR] = parts(scryptSync(PASSWORD, salt, 64, CHEAP))
    const master = {
      mac: { k: key.macK.toString('base64'), r: key.macR.toString('base64') },
      encrypt: key.encrypt.toString('base64'),
    }
    const data = new Sealer({ encrypt, macK, macR }).seal(Buffer.from(JSON.stringify(master)))
    const times = { created: goTime(0), username: 'root', hostname: 'till', kdf: 'scrypt' }
    const file = { ...times, ...CHEAP, salt: salt.toString('base64'), data: data.toString('base64') }
    await files.write('keys', Buffer.from(JSON.stringify(file)))
    for (const name of names) {
      await files.remove('keys', name)
    }
  }
}

const CHEAP = { N: 16, r: 1, p: 1 }

function parts(derived: Buffer): [Buffer, Buffer, Buffer] {
  return [derived.subarray(0, 32), derived.subarray(32, 48), derived.subarray(48, 64)]
}

/** A lock of another machine, which has died long ago. */
async function leaveLock(repository: Repository): Promise<void> {
  const time = goTime(Date.parse('2026-11-18T08:00:00Z'))
  const lock = { time, exclusive: false, hostname: 'office', username: 'ann', pid: 4242 }
  await repository.writeFile('locks', Buffer.from(JSON.stringify(lock)))
}

/** What a shop has on a day: some pages change, one image is another. Half of each page can be compressed. */
function filesOf(day: number): SavedFiles {
  const pages = Array.from({ length: PAGES + Math.floor(day / 2) }, (_, page) => {
    const isNew = page < 3 || createHash('sha256').update(`${day} ${page}`).digest()[0] === 0
    const seed = isNew ? `page ${page} of day ${day}` : `page ${page}`
    return Buffer.concat([syntheticBytes(PAGE_BYTES / 2, seed), Buffer.alloc(PAGE_BYTES / 2)])
  })
  return new Map<string, Uint8Array>([
    ['database.db', Buffer.concat(pages)],
    ['images/a.jpg', syntheticBytes(3000, 'a')],
    ['images/b/b.jpg', syntheticBytes(5000, 'b')],
    [`images/b/day ${day}.jpg`, syntheticBytes(2000, `day ${day}`)],
    ['images/empty.jpg', new Uint8Array()],
  ])
}
