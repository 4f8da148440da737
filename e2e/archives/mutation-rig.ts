import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testJob } from '@tillsafe/engine/testing'
import { unpack } from '../../engine/src/stores/archive/unpack.ts'
import { unpackArchive } from '../../engine/src/stores/archive/unpack-archive.ts'
import { seeded } from '../kill/choose-points.ts'
import { SmallShop } from '../small-shop.ts'
import { type Dice, mutations } from './mutations.ts'
import { forgeries, type Packed, packed, unpacked } from './repack.ts'

/** What became of one mutant. */
export interface MutantVerdict {
  readonly mutation: string
  /** The code of the refusal, or `the same` when it gave exactly what the archive holds. */
  readonly outcome: string
  readonly milliseconds: number
  readonly problem: string | undefined
  readonly mutant: Buffer
}

/** No mutant may take longer. */
const MOST_MILLISECONDS = 5000
const REFUSALS = ['archive.damaged', 'archive.unsafe']

/** An archive of a small shop and the one of the day before, and a place where mutants of it are unpacked. */
export class MutationRig {
  readonly #folder: string
  readonly #archive: Buffer
  readonly #older: Buffer
  readonly #files: readonly Packed[]
  readonly #olderFiles: readonly Packed[]
  readonly #random: Dice

  private constructor(folder: string, files: readonly Packed[], olderFiles: readonly Packed[], seed: number) {
    this.#folder = folder
    this.#archive = readFileSync(join(folder, 'today.zip'))
    this.#older = readFileSync(join(folder, 'before.zip'))
    this.#files = files
    this.#olderFiles = olderFiles
    this.#random = diceOf(seed)
  }

  /** Makes the archives with the engine, in a folder that is empty. */
  static async make(folder: string, seed: number): Promise<MutationRig> {
    const shop = new SmallShop(join(realpathSync(folder), 'shop'))
    await shop.create(100)
    await exportTo(shop, join(folder, 'before.zip'))
    shop.trade()
    await exportTo(shop, join(folder, 'today.zip'))
    const files = await unpacked(join(folder, 'today.zip'))
    return new MutationRig(folder, files, await unpacked(join(folder, 'before.zip')), seed)
  }

  get archiveBytes(): number {
    return this.#archive.byteLength
  }

  /** Makes one mutant, and unpacks it: in this process, or behind walls. */
  async tryOne(behindWalls: boolean): Promise<MutantVerdict> {
    const { mutation, mutant } = await this.#mutate()
    const file = join(this.#folder, 'mutant.zip')
    writeFileSync(file, mutant)
    const { outcome, milliseconds: atFirst } = await this.#timed(file, behindWalls)
    // On a busy machine the start of a process alone may take seconds: it is the unpacking that must not.
    const milliseconds = atFirst > MOST_MILLISECONDS ? (await this.#timed(file, false)).milliseconds : atFirst
    return { mutation, mutant, outcome, milliseconds, problem: problemOf(outcome, milliseconds) }
  }

  /** The archive itself must be read; otherwise every refusal would mean nothing. */
  async tryUnharmed(behindWalls: boolean): Promise<string> {
    return (await this.#timed(join(this.#folder, 'today.zip'), behindWalls)).outcome
  }

  async #timed(file: string, behindWalls: boolean): Promise<{ outcome: string; milliseconds: number }> {
    const into = join(this.#folder, 'into')
    mkdirSync(into, { mode: 0o700 })
    const begun = performance.now()
    const outcome = await this.#unpack(file, into, behindWalls)
    const milliseconds = performance.now() - begun
    rmSync(into, { recursive: true })
    return { outcome, milliseconds }
  }

  async #mutate(): Promise<{ mutation: string; mutant: Buffer }> {
    for (;;) {
      const [mutation, mutant] = await this.#anyMutant()
      if (!mutant.equals(this.#archive)) {
        return { mutation, mutant }
      }
    }
  }

  async #anyMutant(): Promise<[string, Buffer]> {
    const all = [...Object.entries(mutations), ...Object.entries(forgeries)]
    const [name] = all[this.#random.below(all.length)] ?? ['']
    const mutation = mutations[name]
    if (mutation !== undefined) {
      return [name, mutation(this.#archive, this.#older, this.#random)]
    }
    const files = forgeries[name]?.(this.#files, this.#olderFiles, this.#random) ?? this.#files
    return [name, await packed(files, this.#random.below(2))]
  }

  async #unpack(file: string, into: string, behindWalls: boolean): Promise<string> {
    try {
      await (behindWalls
        ? unpackArchive({ file, into, write: 'everything' }, testJob())
        : unpack({ file, into, freeBytes: 2 ** 40, write: 'everything', part: undefined }, async () => undefined))
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : `uncaught ${String(error)}`
    }
    return this.#isSame(into) ? 'the same' : 'something else'
  }

  /** Whether the files of the archive, its signature apart, have been written as they were: the manifest comes last. */
  #isSame(into: string): boolean {
    const written = readdirSync(into).sort()
    const expected = this.#files.slice(0, -1)
    return (
      written.length === expected.length &&
      expected.every(({ content }, index) => content.equals(readFileSync(join(into, written[index] ?? ''))))
    )
  }
}

function problemOf(outcome: string, milliseconds: number): string | undefined {
  if (outcome !== 'the same' && !REFUSALS.includes(outcome)) {
    return `it came to "${outcome}"`
  }
  return milliseconds > MOST_MILLISECONDS ? `it took ${Math.round(milliseconds)} ms` : undefined
}

async function exportTo(shop: SmallShop, output: string): Promise<void> {
  await using center = await shop.open()
  await center.exportArchive({ output }).result
}

function diceOf(seed: number): Dice {
  const random = seeded(seed)
  const below = (most: number): number => Math.floor(random() * most)
  return { below, bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))) }
}
