import { baseNames, makeBase } from './base-databases.ts'
import { CorruptRig } from './corrupt-rig.ts'
import type { Deeds, MutantRig } from './deed.ts'
import { mutate, mutationNames } from './mutations.ts'
import { SeededRandom } from './seeded-random.ts'
import { TaskRig } from './task-rig.ts'

export interface CorruptCampaign {
  /** In a whole shop, or by the tasks of the engine's child processes alone, which is many times faster. */
  readonly by: 'shop' | 'tasks'
  /** How many mutants, spread over all bases. */
  readonly count: number
  readonly seed: number
  /** In a shop, one mutant in so many is also restored; each is backed up and analysed. */
  readonly restoreEvery: number
  /** One mutant by its number, to repeat what failed. */
  readonly only?: number
}

/** A damaged database, and what came of it. */
export interface MutantResult {
  readonly number: number
  readonly base: string
  readonly mutation: string
  readonly deeds: Deeds
  readonly problems: readonly string[]
}

/** Damages databases in every way, and gives each to a shop: as its live database, and as a file to look into. */
export async function runCorruptCampaign(
  { by, count, seed, restoreEvery, only }: CorruptCampaign,
  onMutant: (result: MutantResult) => void = () => undefined,
): Promise<readonly MutantResult[]> {
  const results: MutantResult[] = []
  for (const [n, base] of baseNames.entries()) {
    const made = makeBase(base)
    const numbers = Array.from({ length: count }, (_, number) => number).filter(
      (number) => number % baseNames.length === n && (only === undefined || number === only),
    )
    if (numbers.length === 0) {
      continue
    }
    await using rig: MutantRig = by === 'shop' ? await CorruptRig.make(made) : new TaskRig(made)
    for (const number of numbers) {
      const random = new SeededRandom(seed * 1_000_003 + number)
      const mutation = random.pick(mutationNames)
      const mutant = mutate(made, mutation, random)
      const withRestore = (number + Math.floor(number / baseNames.length)) % restoreEvery === 0 // all bases in turn
      const deeds = await rig.try(mutant, { withRestore })
      const problems = Object.entries(deeds).flatMap(([deed, { problems }]) =>
        problems.map((problem) => `${deed}: ${problem}`),
      )
      const result = { number, base, mutation, deeds, problems }
      results.push(result)
      onMutant(result)
    }
  }
  return results
}
