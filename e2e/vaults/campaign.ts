/**
 * `npx node e2e/vaults/campaign.ts --count N --seed S [--check-every 50] [--only NUMBER] [--keep FOLDER]`: damages vaults in N
 * ways, does with each what a shop does with its vault, and prints what came of it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { needs } from '../../tools/needs.ts'
import { runVaultCampaign, type VaultMutant } from './run-vault-campaign.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'check-every': { type: 'string', default: '50' },
    only: { type: 'string' },
    keep: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-vaults-'))
const uncaught: unknown[] = []
let done = 0
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('uncaughtException', hear)
process.on('unhandledRejection', hear)
process.exitCode = 1 // until the summary knows better
if (!needs('restic')) {
  const began = performance.now()
  const results = await runVaultCampaign(
    {
      folder,
      count: Number(values.count),
      seed: Number(values.seed),
      checkEvery: Number(values['check-every']),
      ...(values.only === undefined ? {} : { only: Number(values.only) }),
      ...(values.keep === undefined ? {} : { keep: values.keep }),
    },
    tell,
  )
  summarize(results, Math.round((performance.now() - began) / 1000))
}

function hear(error: unknown): void {
  uncaught.push(error)
  console.log('PROBLEM: uncaught', error)
}

function tell({ number, vault, target, mutation, problems, checks }: VaultMutant): void {
  for (const problem of problems) {
    console.log(`PROBLEM: ${number}, ${vault}, ${target}, ${mutation}: ${problem}`)
  }
  if (checks !== undefined && (checks.ours === 'sound') !== (checks.restic === 'sound')) {
    // restic that hangs has found something: a sound vault is read in no time.
    console.log(`DIFFERS: ${number}, ${vault}, ${target}, ${mutation}: ours ${checks.ours}, restic ${checks.restic}`)
    console.log(checks.said.map(firstLines).join('\n    --\n'))
  }
  done += 1
  if (done % 500 === 0) {
    console.log(`${done} mutants`)
  }
}

function firstLines(said: string): string {
  const lines = said.trim().split('\n')
  return lines
    .slice(0, 6)
    .map((line) => `    ${line.slice(0, 200)}`)
    .join('\n')
}

function summarize(results: readonly VaultMutant[], seconds: number): void {
  const failures = results.filter(({ problems }) => problems.length > 0)
  const checked = results.flatMap(({ checks }) => (checks === undefined ? [] : [checks]))
  const slowest = Math.max(0, ...results.map(({ slowestMs }) => slowestMs))
  for (const by of ['vault', 'target', 'mutation'] as const) {
    for (const [name, all] of Map.groupBy(results, (result) => result[by])) {
      const saves = counts(all.map(({ save }) => save))
      console.log(
        `${name.padEnd(28)} ${String(all.length).padStart(5)}: ${counts(all.map(outcomeOf))}; a save: ${saves}`,
      )
    }
    console.log('')
  }
  console.log(
    `${results.length} mutants in ${seconds} s, seed ${values.seed}; the slowest deed ${Math.round(slowest)} ms`,
  )
  console.log(`backups: ${counts(results.map(outcomeOf))}`)
  console.log(`a save: ${counts(results.map(({ save }) => save))}`)
  console.log(`codes: ${counts(results.flatMap(({ codes }) => codes))}`)
  console.log(`check of every byte, ours / restic: ${counts(checked.map(({ ours, restic }) => `${ours} / ${restic}`))}`)
  console.log(`${failures.length} with problems, ${uncaught.length} uncaught`)
  process.exitCode = failures.length + uncaught.length > 0 ? 1 : 0
}

function outcomeOf({ outcome }: VaultMutant): string {
  return outcome
}

function counts(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, all]) => `${name} ${all.length}`)
    .join(', ')
}
