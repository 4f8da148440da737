import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { MemoryDestination } from '../../engine/src/destinations/memory.ts'
import { type Clock, errorCodes, failureOf } from '../../engine/src/model/index.ts'
import { readAll } from '../../engine/src/snapshot/bytes-content.ts'
import { VaultStore } from '../../engine/src/stores/vault/vault-store.ts'
import { collect } from '../../engine/src/testing/collect.ts'
import { testJob } from '../../engine/src/testing/test-job.ts'
import { type MadeVault, ROOT, type SavedBackup, type SavedFiles } from './made-vault.ts'
import { optionsOf, snapshotOf } from './make-vaults.ts'
import { readStock } from './read-stock.ts'
import type { Mutant } from './vault-mutations.ts'

/** What a damaged vault came to. */
export interface MutantVerdict {
  /** `whole` when every backup comes back, `named` when some do not, and each of these is told; `refused` when none can be reached. */
  readonly outcome: 'whole' | 'named' | 'refused'
  /** What a save came to: `saved`, `saved on what is hurt`, or the code of its refusal. */
  readonly save: string
  /** The codes of all refusals. */
  readonly codes: readonly string[]
  readonly slowestMs: number
  readonly isSlow: boolean
  /** What does not hold, as sentences. */
  readonly problems: readonly string[]
}

/** No deed may take longer; on a busy machine most of it is waiting for a turn. */
const MOST_MS = 20_000

/** Lists, verifies, restores and saves in a damaged vault, and compares what comes of it with what is known of the vault. */
export async function judgeMutant(
  made: MadeVault,
  mutant: Mutant,
  scratch: string,
  clock: Clock,
): Promise<MutantVerdict> {
  const judge = new Judge(made, mutant, scratch, clock)
  await judge.list()
  for (const backup of made.saved) {
    await judge.read(backup)
  }
  await judge.readStock()
  await judge.save()
  return judge.verdict
}

class Judge {
  readonly #made: MadeVault
  readonly #mutant: Mutant
  readonly #clock: Clock
  readonly #destination = new MemoryDestination()
  readonly #store: VaultStore
  readonly #problems: string[] = []
  readonly #codes: string[] = []
  readonly #hurt = new Set<string>()
  #isRefused = false
  #saved = ''
  #slowestMs = 0

  constructor(made: MadeVault, mutant: Mutant, scratch: string, clock: Clock) {
    this.#made = made
    this.#mutant = mutant
    this.#clock = clock
    for (const [key, bytes] of mutant.objects) {
      this.#destination.objects.set(key, bytes)
    }
    const hints = join(scratch, 'hints')
    rmSync(hints, { recursive: true, force: true })
    mkdirSync(hints, { recursive: true })
    for (const [name, bytes] of mutant.hints) {
      writeFileSync(join(hints, name), bytes)
    }
    this.#store = new VaultStore(optionsOf(made.shop, this.#destination, hints))
  }

  get verdict(): MutantVerdict {
    const outcome = this.#isRefused ? 'refused' : this.#hurt.size > 0 ? 'named' : 'whole'
    const isSlow = this.#slowestMs > MOST_MS
    const slow = isSlow ? [`a deed took ${Math.round(this.#slowestMs)} ms`] : []
    const problems = [...this.#problems, ...slow]
    return { outcome, save: this.#saved, codes: this.#codes, slowestMs: this.#slowestMs, isSlow, problems }
  }

  /** What is listed as a backup is one, exactly as it was saved; what is not hurt is listed. */
  async list(): Promise<void> {
    const listed = await this.#try('list', async () => await collect(this.#store.list()))
    this.#isRefused = listed === undefined
    const found = (listed ?? []).flatMap((one) => (one.kind === 'backup' ? [one.backup.label] : []))
    for (const label of found) {
      const isKnown = this.#made.saved.some((one) => isDeepStrictEqual(one.label, label))
      this.#claim(isKnown, `it lists a backup that was not saved so: ${label.id}`)
    }
    for (const { label } of this.#made.saved) {
      const isThere = found.some(({ id }) => id === label.id)
      this.#claim(isThere || this.#isHurt(label.id), `the backup ${label.sequence} is not hurt, and not listed`)
    }
  }

  /** One that is not hurt comes back; of one that is, `verify` says so, and no wrong byte is given out as right. */
  async read({ label, files }: SavedBackup, isNew = false): Promise<'whole' | 'named'> {
    const said = await this.#try(
      `verify ${label.sequence}`,
      async () => await this.#store.verify(label.id, this.#job()),
    )
    const isSound = said?.length === 0
    const found = await this.#try(`open ${label.sequence}`, async () => await this.#filesOf(label.id))
    if (found !== undefined) {
      this.#claim(isSame(found, files), `the backup ${label.sequence} comes back with other bytes`)
    }
    this.#claim(!isSound || found !== undefined, `the backup ${label.sequence} is sound by verify, and does not open`)
    if (!isNew && found === undefined) {
      this.#noteHurt(this.#made.snapshots.get(label.id) ?? '')
      this.#claim(this.#isHurt(label.id), `the backup ${label.sequence} is not hurt, and does not come back`)
    }
    return isSound && found !== undefined ? 'whole' : 'named'
  }

  /** What restic keeps there for itself. */
  async readStock(): Promise<void> {
    for (const [name, files] of this.#made.stock) {
      const found = await this.#try('read what is restic’s', async () => await readStock(this.#destination, name))
      this.#claim(found === undefined || isSame(found, files), `${name} of restic comes back with other bytes`)
      if (found === undefined) {
        this.#noteHurt(name)
        this.#claim(this.#isSnapshotHurt(name), `${name} of restic is not hurt, and cannot be read`)
      }
    }
  }

  /** It is refused, or gives a whole backup; and changes nothing that was there. */
  async save(): Promise<void> {
    const { shop, next, saved } = this.#made
    const before = [...this.#destination.objects].filter(([key]) => !key.includes('/locks/'))
    const snapshot = snapshotOf(shop, next.sequence, next.files)
    const refusals = this.#codes.length
    const stored = await this.#try('save', async () => await this.#store.save(snapshot, this.#job()))
    for (const [key, bytes] of before) {
      this.#claim(this.#destination.objects.get(key) === bytes, `a save has changed ${key}`)
    }
    if (stored === undefined) {
      this.#saved = this.#codes[refusals] ?? 'not understood'
      return
    }
    this.#claim(!this.#made.isReadOnly, 'a save was made into a vault that is only read')
    this.#claim(stored.label.problems.length === 0, 'a save has left something out')
    const read = await this.read({ label: stored.label, files: next.files }, true)
    this.#saved = read === 'whole' ? 'saved' : 'saved on what is hurt'
    // Packs that have their size are believed: only reading them tells, and `verify` does.
    this.#claim(read === 'whole' || this.#hasHurtPackOfItsSize(), 'a save gave a backup that is not whole')
    const [first] = saved.filter(({ label }) => !this.#isHurt(label.id))
    if (first !== undefined) {
      await this.read(first)
    }
  }

  async #try<T>(deed: string, work: () => Promise<T>): Promise<T | undefined> {
    const began = performance.now()
    try {
      return await work()
    } catch (error) {
      const { code, message } = failureOf(error)
      this.#codes.push(code)
      this.#claim(code !== 'internal' && code in errorCodes, `${deed}: ${code}: ${(error as Error).stack}`)
      this.#claim(message.length > 10, `${deed} failed without a sentence`)
      return undefined
    } finally {
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began)
    }
  }

  async #filesOf(id: string): Promise<SavedFiles> {
    await using opened = await this.#store.open(id, this.#job())
    const files = new Map<string, Uint8Array>()
    for await (const entry of opened.entries()) {
      files.set(entry.path, await readAll(await entry.open()))
    }
    return files
  }

  #isHurt(id: string): boolean {
    const snapshots = this.#made.snapshots.get(id)
    return snapshots === undefined || this.#isSnapshotHurt(snapshots)
  }

  #isSnapshotHurt(name: string): boolean {
    return this.#made.contents.isHurt(`${ROOT}/snapshots/${name}`, this.#mutant.objects)
  }

  /** One that was forgotten before it was damaged is not missed. */
  #noteHurt(snapshot: string): void {
    if (this.#made.objects.has(`${ROOT}/snapshots/${snapshot}`)) {
      this.#hurt.add(snapshot)
    }
  }

  #hasHurtPackOfItsSize(): boolean {
    return [...this.#made.objects].some(([key, bytes]) => {
      const now = this.#mutant.objects.get(key)
      const isPack = key.startsWith(`${ROOT}/data/`)
      return isPack && now?.byteLength === bytes.byteLength && Buffer.compare(now, bytes) !== 0
    })
  }

  #claim(holds: boolean, sentence: string): void {
    if (!holds) {
      this.#problems.push(sentence)
    }
  }

  #job(): ReturnType<typeof testJob> {
    return testJob({ clock: this.#clock })
  }
}

function isSame(found: SavedFiles, expected: SavedFiles): boolean {
  return (
    found.size === expected.size &&
    [...expected].every(([path, bytes]) => Buffer.compare(found.get(path) ?? Buffer.of(0), bytes) === 0)
  )
}
