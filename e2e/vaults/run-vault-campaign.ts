import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../engine/src/model/index.ts'
import { SeededRandom } from '../corrupt/seeded-random.ts'
import { type Checks, compareChecks } from './compare-checks.ts'
import { judgeMutant, type MutantVerdict } from './judge-mutant.ts'
import type { MadeVault } from './made-vault.ts'
import { makeVaults } from './make-vaults.ts'
import { quickVaults } from './quick-vaults.ts'
import { type Mutant, mutate } from './vault-mutations.ts'

export interface VaultCampaign {
  /** An empty folder: in memory, or it takes long. */
  readonly folder: string
  /** How many mutants, spread over all vaults. */
  readonly count: number
  readonly seed: number
  /** Every so many-th is also checked by both programs. */
  readonly checkEvery: number
  /** One mutant by its number; what it is of depends on the vaults, whose files have new names every time. */
  readonly only?: number
  /** Where the vaults of mutants with problems are kept. */
  readonly keep?: string
}

/** A damaged vault, and what came of it. */
export interface VaultMutant extends MutantVerdict, Pick<Mutant, 'mutation' | 'target'> {
  readonly number: number
  readonly vault: string
  readonly checks: Checks | undefined
}

/** Most of the time of one is waiting for a thread. */
const AT_ONCE = 4

/** Damages vaults in every way, and does with each what a shop does with its vault. */
export async function runVaultCampaign(
  campaign: VaultCampaign,
  onMutant: (mutant: VaultMutant) => void = () => undefined,
): Promise<readonly VaultMutant[]> {
  const { folder, count, only } = campaign
  using quick = quickVaults()
  const vaults = await makeVaults(folder)
  const results: VaultMutant[] = []
  const numbers = Array.from({ length: count }, (_, at) => at + 1)
    .filter((number) => only === undefined || number === only)
    .values()
  const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
    for (const number of numbers) {
      const result = await tryOne(vaults, number, { ...campaign, folder: join(folder, `lane ${lane}`) }, quick.clock)
      results.push(result)
      onMutant(result)
    }
  })
  await Promise.all(lanes)
  return results
}

async function tryOne(
  vaults: readonly MadeVault[],
  number: number,
  { folder, seed, checkEvery, only, keep }: VaultCampaign,
  clock: Clock,
): Promise<VaultMutant> {
  const [made, other] = [number, number + 1].map((n) => vaults[n % vaults.length]) as [MadeVault, MadeVault]
  const mutant = mutate(made, other, new SeededRandom(seed * 1_000_003 + number))
  const atFirst = await judgeMutant(made, mutant, folder, clock)
  // A process that was stopped from outside was slow, not the deed: that is tried again.
  const verdict = atFirst.isSlow ? await judgeMutant(made, mutant, folder, clock) : atFirst
  if (keep !== undefined && (verdict.problems.length > 0 || only !== undefined)) {
    keepMutant(join(keep, String(number)), mutant)
  }
  const isChecked = (number + Math.floor(number / checkEvery)) % checkEvery === 0 // all vaults in turn
  const checks = isChecked ? await compareChecks(made, mutant, folder, clock) : undefined
  const { mutation, target } = mutant
  return { ...verdict, number, vault: made.name, mutation, target, checks }
}

function keepMutant(folder: string, { objects, hints }: Mutant): void {
  rmSync(folder, { recursive: true, force: true })
  for (const [key, bytes] of [...objects, ...[...hints].map(([name, bytes]) => [`hints/${name}`, bytes] as const)]) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), bytes)
  }
}
