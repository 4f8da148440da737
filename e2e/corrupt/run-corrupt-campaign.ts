import { baseNames, makeBase } from './base-databases.ts'
import { CorruptRig, type Deed } from './corrupt-rig.ts'
import { mutate, mutationNames } from './mutations.ts'
import { SeededRandom } from './seeded-random.ts'

export interface CorruptCampaign {
  /** How many mutants, spread over all bases. */
  readonly count: number
  readonly seed: number
  /** One mutant in so many is also restored; each is backed up and analysed. */
  readonly restoreEvery: number
  /** One mutant by its number, to repeat what failed. */
  readonly only?: number
}

/** A damaged database, and what came of it. */
export interface MutantResult {
  readonly number: number
  readonly base: string
  readonly mutation: string
  readonly deeds: Readonly<Record<string, Deed>>
  readonly problems: readonly string[]
}

/** Damages databases in every way, and gives each to a shop: as its live database, and as a file to look into. */
export async function runCorruptCampaign(
  { count, seed, restoreEvery, only }: CorruptCampaign,
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
    await using rig = await CorruptRig.make(made)
    for (const number of numbers) {
      const random = new SeededRandom(seed * 1_000_003 + number)
      const mutation = random.pick(mutationNames)
      const mutant = mutate(made, mutation, random)
      const { backedUp, analysed } = await rig.tryBoth(mutant)
      const isRestored = Math.floor(number / baseNames.length) % restoreEvery === 0
      const deeds = {
        'backed up': backedUp,
        analysed,
        ...(isRestored ? { restored: await rig.restore(mutant) } : {}),
      }
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
